/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Options that the commands share. A wrong value ends the program with one sentence and
 * exit status 2.
 */
#ifndef GEN_SHARED_OPTIONS_H
#define GEN_SHARED_OPTIONS_H

#include "common/args_number.h"
#include "targets.h"

#include <argp.h>
#include <stdint.h>

#define GEN_EXIT_USAGE ARGS_EXIT_USAGE

/* Keys of the options of all commands; those of one command begin after them. */
enum {
	OPT_TO = 256,
	OPT_QUIET,
	OPT_OF_COMMAND,
};

#define ARGS_OPTION_TO                                                                             \
	{                                                                                          \
		"to", OPT_TO, "ADDR:PORT", 0,                                                      \
			"Collector; [ADDR]:PORT for IPv6. Once for each address family: a source " \
			"uses "                                                                    \
			"the target of its own",                                                   \
			1                                                                          \
	}
#define ARGS_OPTION_QUIET                                                                     \
	{                                                                                     \
		"quiet", OPT_QUIET, NULL, 0, "Leave the list of sources out of the report", 4 \
	}

void args_target(const struct argp_state *state, struct targets *to, const char *text);
void args_source(const struct argp_state *state, struct sources *from, const char *text);

/* A.B.C.0: the first three octets. */
void args_net24(const struct argp_state *state, const char *option, const char *text,
		uint8_t net[3]);

void args_has_target(const struct argp_state *state, const struct targets *to);

/* Both lists have entries, and each source has a target of its family. */
void args_endpoints(const struct argp_state *state, const struct targets *to,
		    const struct sources *from);

#endif
