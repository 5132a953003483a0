/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/nearest.h"

const char *const options_by_words[] = {"packets", "bytes", NULL};

struct names {
	char (*list)[PMREUSEPORT_CLUSTER_NAME_MAX + 1];
	size_t n;
};

/* None if they cannot be read: the command itself says why. */
static void names_read(struct names *names)
{
	struct pmreuseport_error error;

	*names = (struct names){0};
	if (pmr_clusters(&names->list, &names->n, &error))
		*names = (struct names){0};
}

static bool names_have(const struct names *names, const char *name)
{
	size_t i;

	for (i = 0; i < names->n; i++)
		if (!strcmp(names->list[i], name))
			return true;
	return !strcmp(name, PMREUSEPORT_DEFAULT_CLUSTER);
}

static const char *guess(const struct names *names, const char *text)
{
	const char **words = calloc(names->n + 1, sizeof(*words)), *found = NULL;
	size_t i;

	for (i = 0; words && i < names->n; i++)
		words[i] = names->list[i];
	if (words)
		found = nearest_guess(text, words, names->n);
	free(words);
	return found;
}

bool options_advise(const struct command_line *line, const char *text, bool expected, char *advice,
		    size_t size)
{
	const char *found = NULL;
	struct names names;

	names_read(&names);
	if (names_have(&names, text))
		found = text;
	else if (!expected)
		found = guess(&names, text);
	if (found && found != text)
		snprintf(advice, size, "did you mean -c %s?", found);
	else if (found || (!expected && !line->arguments))
		snprintf(advice, size, "name the cluster with -c %.*s",
			 PMREUSEPORT_CLUSTER_NAME_MAX, text);
	else
		*advice = '\0';
	free(names.list);
	return *advice;
}

const char *options_choose_cluster(const char *given, char only[PMREUSEPORT_CLUSTER_NAME_MAX + 1])
{
	struct names names;

	if (given)
		return given;
	names_read(&names);
	strcpy(only, names.n == 1 ? names.list[0] : PMREUSEPORT_DEFAULT_CLUSTER);
	free(names.list);
	return only;
}
