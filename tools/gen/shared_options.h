/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options that the commands share; see common/command_line.h. */
#ifndef GEN_SHARED_OPTIONS_H
#define GEN_SHARED_OPTIONS_H

#include "common/command_line.h"
#include "targets.h"

#define OPTION_TO(function)                                                                     \
	{                                                                                       \
		.name = "to", .value = "ADDR:PORT",                                             \
		.help = "Collector; [ADDR]:PORT for IPv6. Once for each address family of the " \
			"sources",                                                              \
		.kind = VALUE_CALL, .call = (function)                                          \
	}
#define OPTION_SOURCE(function, text)                                                      \
	{                                                                                  \
		.name = "source", .value = "ADDR[+N]", .help = (text), .kind = VALUE_CALL, \
		.call = (function)                                                         \
	}
#define OPTION_DST_NET(function, text)                                                     \
	{                                                                                  \
		.name = "dst-net", .value = "A.B.C.0", .help = (text), .kind = VALUE_CALL, \
		.call = (function)                                                         \
	}
#define OPTION_QUIET(type)                                                           \
	{                                                                            \
		.name = "quiet", .help = "Omit the list of sources from the report", \
		.kind = VALUE_NONE, FIELD(type, quiet)                               \
	}

/* Each returns 0, or a negative errno and *error. */

/* --dst-net A.B.C.0: the first three octets. */
int parse_net24(const char *text, uint8_t net[3], struct pmreuseport_error *error);

/* There is a target. */
int check_target(const struct targets *to, struct pmreuseport_error *error);

/* There are sources, and targets for all of them. */
int check_traffic(const struct targets *to, const struct sources *from,
		  struct pmreuseport_error *error);

#endif
