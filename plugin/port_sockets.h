/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which sockets the kernel has on a port, in the network namespace of this process. */
#ifndef PMR_PORT_SOCKETS_H
#define PMR_PORT_SOCKETS_H

#include <stdbool.h>
#include <stdint.h>

#include "overlap.h"
#include "pmreuseport.h"

struct pmr_port_socket {
	struct pmr_local local;
	char address[INET6_ADDRSTRLEN];
	unsigned int device; /* index; 0: none */
	bool connected;
	bool entered;	 /* has the mark of entered.h */
	uint32_t user;	 /* that opened it */
	uint32_t inode;	 /* as /proc/PID/fd has it */
	uint64_t cookie; /* as SO_COOKIE has it */
};

/*
 * Calls fn for each UDP socket or each listening TCP socket of a port, until it returns other
 * than 0. A negative errno, without a sentence, if the kernel does not say (CONFIG_INET_UDP_DIAG,
 * CONFIG_INET_TCP_DIAG, or a filter on netlink sockets).
 */
int pmr_port_sockets_each(bool tcp, unsigned int port,
			  int (*fn)(const struct pmr_port_socket *sk, void *context),
			  void *context);

#endif /* PMR_PORT_SOCKETS_H */
