/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys that mean something else in one of several instances. */
#ifndef PMREUSEPORT_FORK_MEANING_H
#define PMREUSEPORT_FORK_MEANING_H

#include "fork/plugins.h"
#include "fork/template.h"

/* -EINVAL: the configuration is of a daemon that does not know the reuseport_* keys. */
int fork_check_daemon(const struct fork_template *template, struct pmreuseport_error *error);

/* Adds notes, which hold for the configuration of one instance, too. */
int fork_note_meaning(struct fork_template *template, const struct fork_plugins *plugins,
		      struct pmreuseport_error *error);

/* Adds a note if daemons at other sites have the same routers. */
int fork_note_sites(struct fork_template *template, struct pmreuseport_error *error);

/* The line with the name that these daemons share; NULL: none. */
const struct fork_line *fork_ha_cluster(const struct fork_template *template);

#endif
