/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration of one instance. */
#ifndef PMREUSEPORT_FORK_RENDER_H
#define PMREUSEPORT_FORK_RENDER_H

#include "fork/template.h"
#include "fork/value.h"

struct fork_change {
	size_t line; /* from 1 on, in the new file */
	const char *key;
	char *plugin;	  /* "": none */
	char *from;	  /* NULL: the line was not there */
	const char *base; /* what it is made of: that, or what pmacct takes by default */
	char *to;	  /* may be the same */
	enum fork_how how;
};

struct fork_rendered {
	char *text;
	size_t length;
	struct fork_change *changes;
	size_t n;
};

/* It points into the template. fork_render_free() in any case. */
int fork_render(struct fork_rendered *rendered, const struct fork_template *template,
		const struct fork_instance *instance, struct pmreuseport_error *error);

bool fork_change_is_one(const struct fork_change *change);

/* No two of count instances may have a file in common, nor two keys for which it were two. */
int fork_render_check(const struct fork_rendered *rendered, unsigned int count,
		      struct pmreuseport_error *error);

void fork_render_free(struct fork_rendered *rendered);

#endif
