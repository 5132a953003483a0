/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A line of a configuration of pmacct, parsed as pmacct does: "key[plugin]: value". */
#ifndef PMREUSEPORT_CONF_LINE_H
#define PMREUSEPORT_CONF_LINE_H

#include <stddef.h>

/* What pmacct reads at most: bytes of a line with its newline, and lines. */
#define CONF_LINE_MAX 10239
#define CONF_LINES_MAX 8224

struct conf_line {
	char key[96];	     /* in lower case, without spaces; "": an empty line, or a comment */
	char plugin[256];    /* as written; "": the line applies to all plugins */
	size_t value_at;     /* where the value begins in the line */
	size_t value_length; /* without the spaces around it */
	const char *wrong;   /* why pmacct would not start; NULL: the line is valid */
};

/* The line may end with a newline. Parts that are too long are cut. */
void conf_line_read(const char *text, struct conf_line *line);

#endif
