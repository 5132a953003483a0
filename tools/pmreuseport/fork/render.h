/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration of one instance. */
#ifndef PMREUSEPORT_FORK_RENDER_H
#define PMREUSEPORT_FORK_RENDER_H

#include "fork/template.h"
#include "fork/value.h"

struct fork_change {
	size_t line; /* of the new file, from 1 */
	const char *key;
	char *plugin;	  /* "": none */
	char *from;	  /* NULL: the line was not there */
	const char *base; /* the value it is made from: the old one, or the default of pmacct */
	char *to;	  /* may be equal to from */
	enum fork_how how;
};

struct fork_rendered {
	char *text;
	size_t length;
	struct fork_change *changes;
	size_t n;
};

/* The result points into the template. Call fork_render_free() in any case. */
int fork_render(struct fork_rendered *rendered, const struct fork_template *template,
		const struct fork_instance *instance, struct pmreuseport_error *error);

bool fork_change_is_one(const struct fork_change *change);

/* Refuses a file that two instances, or two keys of one instance, would share. */
int fork_render_check(const struct fork_rendered *rendered, unsigned int count,
		      struct pmreuseport_error *error);

void fork_render_free(struct fork_rendered *rendered);

#endif
