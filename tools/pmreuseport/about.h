/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What most verbs are told: which cluster they are about, and in which form to answer. */
#ifndef PMREUSEPORT_ABOUT_H
#define PMREUSEPORT_ABOUT_H

#include <argp.h>
#include <stdbool.h>

struct about {
	const char *cluster;
	bool json;
};

/*
 * --cluster, --json and, unless the verb's own parser takes arguments, [CLUSTER]. The verb
 * makes a struct about, with the default in it, the first of its state->child_inputs.
 */
extern const struct argp about_argp;

/* These options, for a verb that has no other children. */
extern const struct argp_child about_only[];

#endif
