/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's list of sockets in this network namespace (sock_diag). */
#ifndef PMREUSEPORT_SOCKETS_DIAG_H
#define PMREUSEPORT_SOCKETS_DIAG_H

#include <linux/inet_diag.h>
#include <stdbool.h>
#include <stdint.h>

#include "pmreuseport.h"

struct mnl_socket;

struct diag {
	struct mnl_socket *netlink;
	unsigned int seq;
};

struct diag_socket {
	int family;
	struct inet_diag_sockid id; /* addresses and ports in network order */
	uint64_t cookie;	    /* as SO_COOKIE has it */
	uint32_t inode;		    /* as /proc/PID/fd has it; 0: not accepted yet */
	uint32_t user;		    /* that created it */
	bool v6only;		    /* only set for listening sockets */
	uint32_t queue;		    /* bytes to be read; listening: connections to be accepted */
	uint32_t drops;		    /* packets that found the queue full */
};

int diag_open(struct diag *diag, struct pmreuseport_error *error);

void diag_close(struct diag *diag);

/*
 * Calls fn for each socket of a protocol (IPPROTO_TCP, IPPROTO_UDP) in a state (TCP_LISTEN,
 * TCP_ESTABLISHED; TCP_CLOSE: a UDP socket that is not connected) on a local port (in
 * network order; 0: on any), until it returns a negative errno.
 */
int diag_each(struct diag *diag, int protocol, int state, uint16_t port,
	      int (*fn)(const struct diag_socket *sk, void *context), void *context,
	      struct pmreuseport_error *error);

/*
 * Closes a connection, with a reset to the other end. The kernel compares the cookie, so
 * it never closes another one. -ENOENT, without a sentence: it has ended already.
 */
int diag_destroy(struct diag *diag, const struct diag_socket *sk, struct pmreuseport_error *error);

#endif
