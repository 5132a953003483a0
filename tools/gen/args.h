/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checks on option values that the verbs share. A value that is no good ends
 * the program with one sentence and exit status 2.
 */
#ifndef GEN_ARGS_H
#define GEN_ARGS_H

#include "sources.h"

#include <argp.h>
#include <stdint.h>

#define GEN_EXIT_USAGE 2

uint64_t args_number(const struct argp_state *state, const char *option, const char *text,
		     uint64_t min, uint64_t max);
void args_target(const struct argp_state *state, struct targets *to, const char *text);
void args_source(const struct argp_state *state, struct sources *from, const char *text);

/* A.B.C.0: the first three octets. */
void args_net24(const struct argp_state *state, const char *option, const char *text,
		uint8_t net[3]);

/* Both lists have entries, and each source has a target of its family. */
void args_endpoints(const struct argp_state *state, const struct targets *to,
		    const struct sources *from);

#endif
