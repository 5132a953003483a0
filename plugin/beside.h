/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Other sockets on the port of a socket. */
#ifndef PMR_BESIDE_H
#define PMR_BESIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "endpoint.h"
#include "overlap.h"
#include "pmreuseport.h"
#include "port_sockets.h"

struct pmr_beside {
	bool (*match)(const struct pmr_beside *own, const struct pmr_port_socket *sk);
	/* Of the socket itself, set by pmr_beside_find(). */
	struct pmr_endpoint_parts parts;
	uint64_t cookie;
	uint32_t user;
	struct pmr_port_socket found;
	unsigned int n; /* counted */
};

/*
 * 1: own->found is the first socket on the port that matches. 0: there is none. Looks only at the
 * network namespace of this process, and only if the kernel can list its sockets.
 */
int pmr_beside_find(int fd, const struct pmr_endpoint *endpoint, struct pmr_beside *own,
		    struct pmreuseport_error *error);

/* Whether another socket is in the reuseport group of the socket. */
bool pmr_beside_in_group(const struct pmr_beside *own, const struct pmr_port_socket *sk);

/* How many other sockets of the group can receive; 0 also if the kernel cannot list them. */
unsigned int pmr_beside_count(int fd, const struct pmr_endpoint *endpoint);

#endif /* PMR_BESIDE_H */
