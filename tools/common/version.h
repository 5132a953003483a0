/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_VERSION_H
#define TOOLS_VERSION_H

#include "command_line.h"

/* For the table of a program without commands. */
#define OPTION_VERSION                                                                             \
	{                                                                                          \
		.name = "version", .letter = 'V', .help = "Print the version", .kind = VALUE_CALL, \
		.call = version_print                                                              \
	}

/* Prints the name and the version of the program, and ends it. */
int version_print(void *options, const char *text, struct pmreuseport_error *error);

#endif
