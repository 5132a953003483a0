/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Command lines as tables: a command states which options and arguments it takes and where
 * their values go, and argp parses them. Wrong usage ends the program with one sentence and
 * ARGS_EXIT_USAGE.
 */
#ifndef TOOLS_COMMAND_LINE_H
#define TOOLS_COMMAND_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pmreuseport.h"

enum value_kind {
	VALUE_NONE,   /* a flag; the field is a bool */
	VALUE_NUMBER, /* from min to max; the field is unsigned, of any size */
	VALUE_TEXT,   /* the field is a const char * */
	VALUE_WORD,   /* one of words; the field, unsigned or an enum, is its index */
	VALUE_CALL,   /* call() stores it */
};

/* Which field of the command's options a value goes to. */
#define FIELD(type, field) .offset = offsetof(type, field), .size = sizeof(((type *)0)->field)

/* An option, or an argument. */
struct parameter {
	const char *name;  /* without "--" */
	char letter;	   /* 0: the option has no short form */
	const char *value; /* what --help calls the value of an option */
	const char *help;
	enum value_kind kind;
	size_t offset, size;
	uint64_t min, max;
	uint64_t bare;		  /* not 0: the number if the option is given without one */
	const char *const *words; /* end with NULL */

	/* 0, -EINVAL, or -ENOMEM, which is not the user's fault. */
	int (*call)(void *options, const char *text, struct pmreuseport_error *error);

	const char *missing; /* not NULL: it is required, and this is what to do without it */
	bool many;	     /* the last argument: as often as it is given */
};

struct command_line {
	const struct parameter *options;   /* end with one without a name */
	const struct parameter *arguments; /* in their order, as above; NULL: none */
	const char *usage;		   /* what follows [OPTION...]; NULL: nothing */
	const char *summary;
	const char *details; /* what follows the options in --help */
	const char *example;

	/* Of values that exclude or need each other: 0, or -EINVAL. NULL: nothing to check. */
	int (*check)(void *options, struct pmreuseport_error *error);

	/*
	 * What to do about an argument that is not expected, or is not what was expected. False
	 * if there is nothing special to say. NULL: there never is.
	 */
	bool (*advise)(const struct command_line *line, const char *text, bool expected,
		       char *advice, size_t size);
};

/* options has the defaults in it. Does not return after --help, or wrong usage. */
void command_line_parse(const struct command_line *line, int argc, char **argv, void *options);

#endif
