/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the command lines of all tools have in common. */
#ifndef TOOLS_ARGS_NUMBER_H
#define TOOLS_ARGS_NUMBER_H

#include <argp.h>
#include <stdint.h>

/* The exit status for wrong usage; 1 is for a failure. */
#define ARGS_EXIT_USAGE 2

/*
 * A plain decimal number. One that is none, or out of bounds, ends the program with one
 * sentence and ARGS_EXIT_USAGE.
 */
uint64_t args_number(const struct argp_state *state, const char *option, const char *text,
		     uint64_t min, uint64_t max);

#endif
