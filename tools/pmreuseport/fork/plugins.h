/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plugins of a configuration, and the lines that apply to them. */
#ifndef PMREUSEPORT_FORK_PLUGINS_H
#define PMREUSEPORT_FORK_PLUGINS_H

#include "fork/template.h"

struct fork_plugin {
	char *type;
	char *name;
};

struct fork_plugins {
	struct fork_plugin *list;
	size_t n;
	bool by_default; /* none is configured, so pmacct uses one */
};

/* fork_plugins_free() in any case. */
int fork_plugins_read(struct fork_plugins *plugins, const struct fork_template *template,
		      struct pmreuseport_error *error);

bool fork_plugins_have(const struct fork_plugins *plugins, const char *type);

/* NULL: no plugin has that name. */
const char *fork_plugins_type_of(const struct fork_plugins *plugins, const char *name);

/*
 * The line that is in effect for a plugin: the last one. plugin NULL: for the daemon, for
 * keys that ignore the plugin. Returns NULL if the key is not set.
 */
const struct fork_line *fork_line_of(const struct fork_template *template, const char *key,
				     const char *plugin);

/* Its number, from 1. */
size_t fork_line_number(const struct fork_template *template, const struct fork_line *line);

/* Whether the value is "true", as pmacct reads it. line may be NULL. */
bool fork_line_is_true(const struct fork_line *line);

void fork_plugins_free(struct fork_plugins *plugins);

#endif
