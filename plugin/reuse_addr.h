/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why no UDP socket of a cluster has SO_REUSEADDR. */
#ifndef PMR_REUSE_ADDR_H
#define PMR_REUSE_ADDR_H

#include <stdbool.h>

#include "endpoint.h"
#include "pmreuseport.h"

/*
 * Takes SO_REUSEADDR from a UDP socket, so that no other user can bind to its port from now on.
 * *had: the socket had it.
 */
int pmr_reuse_addr_clear(int fd, const struct pmr_endpoint *endpoint, bool *had,
			 struct pmreuseport_error *error);

/* After a failure. */
void pmr_reuse_addr_restore(int fd, bool had);

#endif /* PMR_REUSE_ADDR_H */
