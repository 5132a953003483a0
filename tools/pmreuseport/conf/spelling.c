/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf/spelling.h"

#include <stddef.h>
#include <string.h>

/* Longer ones cannot be near to any of ours. */
#define LONGEST 48

/* What is typed wrong in one place: a letter more, less, or another one, or two of them. */
#define NEAR 2

static const char *const ours[] = {
	"reuseport_hashbucket_count",
	"reuseport_hashbucket_index",
	"reuseport_bpf_prog",
	"reuseport_fallback",
	"cluster_name",
};

/* Levenshtein's: how many letters have to be added, removed or replaced. */
static size_t distance(const char *a, const char *b)
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

const char *spelling_of(const char *key)
{
	const char *nearest = NULL;
	size_t least = LONGEST + 1, d, i;

	for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
		if (!strcmp(key, ours[i]))
			return NULL;
		d = strlen(key) > LONGEST ? LONGEST : distance(key, ours[i]);
		if (d < least) {
			least = d;
			nearest = ours[i];
		}
	}
	return least <= NEAR || !strncmp(key, "reuseport", 9) ? nearest : NULL;
}
