/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nearest.h"

#include <string.h>

/* Longer texts than this are not compared. */
#define LONGEST 64

/* Levenshtein's distance. */
static size_t distance_of(const char *a, const char *b)
{
	const size_t m = strlen(b);
	size_t row[LONGEST + 1], i, j, diagonal, above, best;

	for (j = 0; j <= m; j++)
		row[j] = j;
	for (i = 1; a[i - 1]; i++) {
		diagonal = row[0];
		row[0] = i;
		for (j = 1; j <= m; j++) {
			above = row[j];
			best = diagonal + (a[i - 1] != b[j - 1]);
			if (above + 1 < best)
				best = above + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			diagonal = above;
			row[j] = best;
		}
	}
	return row[m];
}

const char *nearest_word(const char *text, const char *const *words, size_t n, size_t *distance)
{
	const char *nearest = NULL;
	size_t d, i;

	if (strlen(text) > LONGEST)
		return NULL;
	for (i = 0; i < n; i++) {
		if (strlen(words[i]) > LONGEST)
			continue;
		d = distance_of(text, words[i]);
		if (!nearest || d < *distance) {
			*distance = d;
			nearest = words[i];
		}
	}
	return nearest;
}

const char *nearest_guess(const char *text, const char *const *words, size_t n)
{
	/* Two swapped letters are two replaced ones; that is half of a short word. */
	const size_t limit = strlen(text) < 4 ? 1 : 2;
	size_t distance;
	const char *nearest = nearest_word(text, words, n, &distance);

	return nearest && distance <= limit ? nearest : NULL;
}
