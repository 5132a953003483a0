/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure.h"

#include "common/args_number.h"

#include <string.h>

enum { OPT_SECONDS = 's', OPT_BY = 512, MAX_SECONDS = 3600 };

static const struct argp_option options[] = {
	{"seconds", OPT_SECONDS, "S", 0, "Measure for so many seconds", 1},
	{"by", OPT_BY, "packets|bytes", 0, "What makes an exporter heavy (default packets)", 1},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct measure *measure = state->input;

	switch (key) {
	case OPT_SECONDS:
		measure->seconds = args_number(state, "--seconds", arg, 1, MAX_SECONDS);
		return 0;
	case OPT_BY:
		if (strcmp(arg, "packets") && strcmp(arg, "bytes"))
			argp_failure(state, ARGS_EXIT_USAGE, 0,
				     "--by '%s' is neither packets nor bytes", arg);
		measure->by_bytes = !strcmp(arg, "bytes");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp measure_argp = {.options = options, .parser = parse};
