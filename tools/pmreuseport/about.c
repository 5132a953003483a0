/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "about.h"

#include "common/args_number.h"
#include "target.h"

enum { OPT_CLUSTER = 'c' };

static const struct argp_option options[] = {
	{"cluster", OPT_CLUSTER, "NAME", 0, "The cluster, as cluster_name says", 1},
	{"json", OPT_JSON, NULL, 0, "Answer in JSON, on one line each time", 10},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct about *about = state->input;

	switch (key) {
	case ARGP_KEY_ARG:
		if (state->arg_num)
			argp_failure(state, ARGS_EXIT_USAGE, 0, "'%s' is one argument too many",
				     arg);
		about->cluster = arg;
		return 0;
	case OPT_CLUSTER:
		about->cluster = arg;
		return 0;
	case OPT_JSON:
		about->json = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp about_argp = {.options = options, .parser = parse};
const struct argp_child about_only[] = {{&about_argp, 0, NULL, 0}, {0}};
