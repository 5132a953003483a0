/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The foreign sockets of an endpoint, as "status" shows them. */
#ifndef PMREUSEPORT_VIEW_FOREIGN_H
#define PMREUSEPORT_VIEW_FOREIGN_H

#include <jansson.h>

#include "sockets/foreign_sockets.h"

/* A line for each. */
void foreign_print(const struct foreign_sockets *foreign, size_t endpoint);

/* An array. New, or NULL. */
json_t *foreign_json(const struct foreign_sockets *foreign, size_t endpoint);

#endif
