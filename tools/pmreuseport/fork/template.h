/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration that those of all instances are made from. */
#ifndef PMREUSEPORT_FORK_TEMPLATE_H
#define PMREUSEPORT_FORK_TEMPLATE_H

#include <sys/stat.h>

#include "conf/line.h"
#include "fork/rules.h"
#include "pmreuseport.h"

struct fork_line {
	char *text; /* with its newline, which the last one need not have */
	size_t length;
	struct conf_line conf;
	enum fork_how how;
};

/* A line to add: the default of pmacct would be the same in all instances. */
struct fork_addition {
	const char *key;
	char *plugin; /* NULL: none */
	char *value;
	enum fork_how how;
};

/* A sentence about what the operator must do. */
struct fork_note {
	char *text;
	char *fix; /* the end of text: what to do. NULL: it is about the files of "fork" only */
};

struct fork_template {
	const char *path;
	struct stat status;
	struct fork_line *lines;
	size_t n;
	int own; /* index of the instance that the configuration is of, or FORK_NO_INDEX */
	struct fork_addition *additions;
	size_t n_additions;
	struct fork_note *notes;
	size_t n_notes;
};

/* fork_template_free() in any case. */
int fork_template_read(struct fork_template *template, const char *path,
		       struct pmreuseport_error *error);

/* Adds a note about the files that "fork" makes. */
int fork_template_note(struct fork_template *template, struct pmreuseport_error *error,
		       const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Adds a note that holds for the file of one instance, too: what is wrong, and what to do. */
int fork_template_note_of_one(struct fork_template *template, const struct pmreuseport_error *note,
			      struct pmreuseport_error *error);

void fork_template_free(struct fork_template *template);

/* Sets *error; returns -ENOMEM. */
int fork_no_memory(struct pmreuseport_error *error);

#endif
