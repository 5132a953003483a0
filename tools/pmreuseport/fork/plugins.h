/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plugins of a configuration, and which line of it is about which of them. */
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
	bool by_default; /* pmacct takes one of its own accord */
};

/* fork_plugins_free() in any case. */
int fork_plugins_read(struct fork_plugins *plugins, const struct fork_template *template,
		      struct pmreuseport_error *error);

bool fork_plugins_have(const struct fork_plugins *plugins, const char *type);

/* NULL: there is none of that name. */
const char *fork_plugins_type_of(const struct fork_plugins *plugins, const char *name);

/*
 * The line that counts for a plugin, the last one. plugin NULL: for the whole, so for keys
 * of which pmacct takes no heed of the plugin. NULL: the key is not set.
 */
const struct fork_line *fork_line_of(const struct fork_template *template, const char *key,
				     const char *plugin);

void fork_plugins_free(struct fork_plugins *plugins);

#endif
