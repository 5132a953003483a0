/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sockets outside a reuseport group that take packets from it. */
#ifndef PMR_FOREIGN_H
#define PMR_FOREIGN_H

#include <stdbool.h>
#include <stdint.h>

#include "cluster.h"
#include "endpoint.h"
#include "overlap.h"
#include "pmreuseport.h"
#include "port_sockets.h"

/* True if the socket takes packets from the group of this address, device and user. */
bool pmr_is_foreign(const struct pmr_port_socket *sk, const struct pmr_local *local,
		    unsigned int device, uint32_t user);

/*
 * -EEXIST if another user has a socket that takes packets from this one. Looks only at the
 * network namespace of this process, and only if the kernel can list its sockets.
 */
int pmr_foreign_check(int fd, const struct pmr_endpoint *endpoint, struct pmreuseport_error *error);

/* -EEXIST if a socket is not of the user who owns the directory of the cluster. */
int pmr_foreign_check_owner(int fd, const struct pmr_cluster *cluster,
			    struct pmreuseport_error *error);

#endif /* PMR_FOREIGN_H */
