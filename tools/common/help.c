/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "help.h"

#include <stdio.h>

enum { OPT_USAGE = 4096 };

static const struct argp_option options[] = {
	{"help", 'h', NULL, 0, "Print this help", -1},
	{"usage", OPT_USAGE, NULL, 0, "Print a short usage message", -1},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	(void)arg;
	switch (key) {
	case 'h':
		argp_state_help(state, stdout, ARGP_HELP_STD_HELP);
		return 0;
	case OPT_USAGE:
		argp_state_help(state, stdout, ARGP_HELP_USAGE | ARGP_HELP_EXIT_OK);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {.options = options, .parser = parse};

const struct argp_child help_children[] = {{&argp, 0, NULL, 0}, {0}};
