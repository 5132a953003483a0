/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "answers.h"

#include "common/array.h"
#include "common/printable.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int answers_init(struct answers *answers, uint32_t n_sources)
{
	answers->by_source = calloc(n_sources, sizeof(*answers->by_source));
	answers->n_sources = n_sources;
	return answers->by_source ? 0 : -ENOMEM;
}

/* ANSWERS_MAX: the list is full. */
static uint32_t find(struct answers *answers, const char *text)
{
	uint32_t i;

	for (i = 0; i < answers->n; i++)
		if (!strcmp(answers->list[i].text, text))
			return i;
	if (i < ANSWERS_MAX) {
		strcpy(answers->list[i].text, text);
		answers->n++;
	}
	return i;
}

static int note(struct answers *answers, struct answers_of *of, uint32_t answer)
{
	struct got *got;
	size_t i;

	for (i = 0; i < of->n; i++) {
		if (of->got[i].answer != answer)
			continue;
		of->got[i].count++;
		return 0;
	}
	got = array_add(&of->got, &of->n);
	if (!got)
		return -ENOMEM;
	*got = (struct got){.answer = answer, .count = 1};
	answers->list[answer].sources++;
	if (of->n == 2)
		answers->split++;
	return 0;
}

int answers_note(struct answers *answers, uint32_t source, const char *text, size_t len)
{
	const char *newline = memchr(text, '\n', len);
	char line[ANSWER_MAX + 1];
	uint32_t answer;

	if (newline)
		len = (size_t)(newline - text);
	if (len && text[len - 1] == '\r')
		len--;
	printable_copy(line, sizeof(line), text, len);
	answer = find(answers, line);
	if (answer == ANSWERS_MAX) {
		answers->others++;
		return 0;
	}
	answers->list[answer].count++;
	return note(answers, &answers->by_source[source], answer);
}

void answers_free(struct answers *answers)
{
	uint32_t i;

	for (i = 0; answers->by_source && i < answers->n_sources; i++)
		free(answers->by_source[i].got);
	free(answers->by_source);
	answers->by_source = NULL;
}
