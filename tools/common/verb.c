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
			argp_failure(state, ARGS_EXIT_USAGE, 0, "'%s' is no verb; use %s", arg,
				     call->verbs->list);
		/* What follows the verb is the verb's own. */
		call->argc = state->argc - state->next + 1;
		call->argv = state->argv + state->next - 1;
		state->next = state->argc;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_failure(state, ARGS_EXIT_USAGE, 0, "there is no verb; use %s",
			     call->verbs->list);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option options[] = {
	{"version", 'V', NULL, 0, "Print the program's version", -1},
	{0},
};

int verb_main(const struct verbs *verbs, int argc, char **argv)
{
	const struct argp argp = {
		.options = options,
		.parser = parse,
		.args_doc = verbs->args_doc,
		.doc = verbs->doc,
	};
	struct call call = {.verbs = verbs};
	char name[64];

	argp_err_exit_status = ARGS_EXIT_USAGE;
	if (argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &call) || !call.verb)
		return ARGS_EXIT_USAGE;
	snprintf(name, sizeof(name), "%s %s", verbs->program, call.verb->name);
	call.argv[0] = name;
	return call.verb->run(call.argc, call.argv);
}
