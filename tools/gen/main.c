/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "args.h"
#include "verbs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "development version"
#endif

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
	{"flows", verb_flows},
	{"bmp", verb_bmp},
	{"replay", verb_replay},
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
		printf("pmreuseport-gen %s\n", PACKAGE_VERSION);
		exit(0);
	case ARGP_KEY_ARG:
		call->verb = find_verb(arg);
		if (!call->verb)
			argp_failure(state, GEN_EXIT_USAGE, 0,
				     "'%s' is no verb; use flows, bmp or replay", arg);
		/* What follows the verb is the verb's own. */
		call->argc = state->argc - state->next + 1;
		call->argv = state->argv + state->next - 1;
		state->next = state->argc;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_failure(state, GEN_EXIT_USAGE, 0,
			     "there is no verb; use flows, bmp or replay");
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
	.args_doc = "flows|bmp|replay [OPTION...]",
	.doc = "Play flow exporters and routers: traffic for tests, demos and benchmarks of "
	       "flow collectors.\v"
	       "  flows   NetFlow v5, v9 and IPFIX from many source addresses\n"
	       "  bmp     BMP sessions of many routers\n"
	       "  replay  the UDP payloads of a capture file\n\n"
	       "Each verb has its own --help, and ends with a one-line JSON report of "
	       "what was sent. Exit status: 0, 1 for a failure, 2 for wrong usage.",
};

int main(int argc, char **argv)
{
	struct call call = {0};
	char name[64];

	argp_err_exit_status = GEN_EXIT_USAGE;
	if (argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &call) || !call.verb)
		return GEN_EXIT_USAGE;
	snprintf(name, sizeof(name), "pmreuseport-gen %s", call.verb->name);
	call.argv[0] = name;
	return call.verb->run(call.argc, call.argv);
}
