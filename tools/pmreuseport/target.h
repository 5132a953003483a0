/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the command lines of all verbs say: which cluster, at most one number, in which form. */
#ifndef PMREUSEPORT_TARGET_H
#define PMREUSEPORT_TARGET_H

#include <argp.h>
#include <stdbool.h>

enum {
	OPT_JSON = 256,
	OPT_OF_VERB,
};

struct target {
	const char *cluster;
	unsigned int number;
	bool json;

	/* Set by the verb: the name and the bounds of the number. NULL: the verb has none. */
	const char *number_name;
	unsigned int min, max;
};

extern const struct argp_option target_options[];

/* The parser of a verb, whose input is a struct target, or of what its own does not know. */
error_t target_parse(int key, char *arg, struct argp_state *state);

#endif
