/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sockets that reuseport_endpoints keeps out of the cluster. */
#ifndef PMREUSEPORT_FORK_OUTSIDE_H
#define PMREUSEPORT_FORK_OUTSIDE_H

#include "fork/template.h"

/*
 * Whether the sockets of an endpoint, an enum pmreuseport_endpoint, are kept out. A value that is
 * not acceptable keeps none out.
 */
bool fork_is_outside(const struct fork_template *template, unsigned int endpoint);

/* Whether instances need different ports for it: they have no different addresses. */
bool fork_needs_port(const struct fork_template *template, const struct fork_rule *rule);

/* Adds a note about routes that come from other addresses than the flows. */
int fork_note_reflector(struct fork_template *template, struct pmreuseport_error *error);

#endif
