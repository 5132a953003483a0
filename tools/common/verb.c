/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "args_number.h"
#include "verb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "development version"
#endif

struct call {
	const struct verbs *verbs;
	const struct verb *verb;
	int argc;
	char **argv;
};

static const struct verb *find_verb(const struct verb *verb, const char *name)
{
	while (verb->name && strcmp(verb->name, name))
		verb++;
	return verb->name ? verb : NULL;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct call *call = state->input;

	switch (key) {
	case 'V':
		printf("%s %s\n", call->verbs->program, PACKAGE_VERSION);
		exit(0);
	case ARGP_KEY_ARG:
		call->verb = find_verb(call->verbs->verbs, arg);
		if (!call->verb)
			argp_failure(state, ARGS_EXIT_USAGE, 0, "'%s' is no verb; see %s --help",
				     arg, call->verbs->program);
		/* What follows the verb is the verb's own. */
		call->argc = state->argc - state->next + 1;
		call->argv = state->argv + state->next - 1;
		state->next = state->argc;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_failure(state, ARGS_EXIT_USAGE, 0, "there is no verb; see %s --help",
			     call->verbs->program);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option options[] = {
	{"version", 'V', NULL, 0, "Print the program's version", -1},
	{0},
};

/* What stands before the options in --help, the verbs, and what stands at its end. To be freed. */
static char *help_text(const struct verbs *verbs)
{
	const struct verb *verb;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	fprintf(out, "%s\v", verbs->does);
	for (verb = verbs->verbs; verb->name; verb++)
		fprintf(out, "  %-9s %s\n", verb->name, verb->does);
	fprintf(out,
		"\nEach verb has its own --help. %s Exit status: 0, 1 for a failure, 2 for wrong "
		"usage.",
		verbs->note);
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}

int verb_main(const struct verbs *verbs, int argc, char **argv)
{
	struct argp argp = {
		.options = options,
		.parser = parse,
		.args_doc = "VERB [ARGUMENT...] [OPTION...]",
	};
	struct call call = {.verbs = verbs};
	char *help = help_text(verbs), name[64];
	int err;

	argp.doc = help;
	argp_err_exit_status = ARGS_EXIT_USAGE;
	err = argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &call);
	free(help);
	if (err || !call.verb)
		return ARGS_EXIT_USAGE;
	snprintf(name, sizeof(name), "%s %s", verbs->program, call.verb->name);
	call.argv[0] = name;
	return call.verb->run(call.argc, call.argv);
}
