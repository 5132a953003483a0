/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "args_number.h"
#include "verbs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "development version"
#endif

#define VERBS "resize, rehome or leave"

struct verb {
	const char *name;
	int (*run)(int argc, char **argv);
};

struct call {
	const struct verb *verb;
	int argc;
	char **argv;
};

static const struct verb verbs[] = {
	{"resize", verb_resize},
	{"rehome", verb_rehome},
	{"leave", verb_leave},
};

static const struct verb *find_verb(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (!strcmp(verbs[i].name, name))
			return &verbs[i];
	}
	return NULL;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct call *call = state->input;

	switch (key) {
	case 'V':
		printf("pmreuseport %s\n", PACKAGE_VERSION);
		exit(0);
	case ARGP_KEY_ARG:
		call->verb = find_verb(arg);
		if (!call->verb)
			argp_failure(state, ARGS_EXIT_USAGE, 0, "'%s' is no verb; use " VERBS, arg);
		/* What follows the verb is the verb's own. */
		call->argc = state->argc - state->next + 1;
		call->argv = state->argv + state->next - 1;
		state->next = state->argc;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_failure(state, ARGS_EXIT_USAGE, 0, "there is no verb; use " VERBS);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option options[] = {
	{"version", 'V', NULL, 0, "Print the program's version", -1},
	{0},
};

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "VERB CLUSTER [ARGUMENT...] [OPTION...]",
	.doc = "Change a cluster of nfacctd instances that share their ports, while they run."
	       "\v"
	       "  resize  change the number of hash buckets\n"
	       "  rehome  close BMP and BGP sessions that are in the wrong instance\n"
	       "  leave   take the sockets of one hash bucket out of it\n\n"
	       "Each verb has its own --help. CLUSTER is what cluster_name says, by default "
	       "\"default\". Exit status: 0, 1 for a failure, 2 for wrong usage.",
};

int main(int argc, char **argv)
{
	struct call call = {0};
	char name[64];

	argp_err_exit_status = ARGS_EXIT_USAGE;
	if (argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &call) || !call.verb)
		return ARGS_EXIT_USAGE;
	snprintf(name, sizeof(name), "pmreuseport %s", call.verb->name);
	call.argv[0] = name;
	return call.verb->run(call.argc, call.argv);
}
