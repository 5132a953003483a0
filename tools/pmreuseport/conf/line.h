/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A line of pmacct's configuration, read the way pmacct does: "key[plugin]: value". */
#ifndef PMREUSEPORT_CONF_LINE_H
#define PMREUSEPORT_CONF_LINE_H

#include <stddef.h>

/* pmacct reads no more of a line, with its newline, and no more lines. */
#define CONF_LINE_MAX 10239
#define CONF_LINES_MAX 8224

struct conf_line {
	char key[96];	     /* in lower case, without spaces; "": an empty line, or a comment */
	char plugin[256];    /* as it is written; "": the line is about all plugins */
	size_t value_at;     /* where the value begins in the line */
	size_t value_length; /* without the spaces around it */
	const char *wrong;   /* what pmacct would not take, and would end for; NULL: nothing */
};

/* The line may end with a newline. What is too long for its place here is cut. */
void conf_line_read(const char *text, struct conf_line *line);

#endif
