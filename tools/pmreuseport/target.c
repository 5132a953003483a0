/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target.h"

#include "common/args_number.h"

const struct argp_option target_options[] = {
	{"json", OPT_JSON, NULL, 0, "Answer in JSON", 10},
	{0},
};

error_t target_parse(int key, char *arg, struct argp_state *state)
{
	struct target *target = state->input;

	switch (key) {
	case OPT_JSON:
		target->json = true;
		break;
	case ARGP_KEY_ARG:
		if (state->arg_num == 0)
			target->cluster = arg;
		else if (state->arg_num == 1 && target->number_name)
			target->number = args_number(state, target->number_name, arg, target->min,
						     target->max);
		else
			argp_failure(state, ARGS_EXIT_USAGE, 0, "'%s' is one argument too many",
				     arg);
		break;
	case ARGP_KEY_END:
		if (!state->arg_num)
			argp_failure(state, ARGS_EXIT_USAGE, 0,
				     "CLUSTER is missing; name the cluster (see cluster_name)");
		if (state->arg_num == 1 && target->number_name)
			argp_failure(state, ARGS_EXIT_USAGE, 0,
				     "%s is missing; give a number from %u to %u",
				     target->number_name, target->min, target->max);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}
