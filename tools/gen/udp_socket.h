/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GEN_UDP_SOCKET_H
#define GEN_UDP_SOCKET_H

#include "targets.h"

#include <stddef.h>
#include <stdint.h>

struct udp_counters {
	uint64_t datagrams; /* handed to the kernel */
	uint64_t bytes;	    /* their payload */
	uint64_t refused;   /* ECONNREFUSED seen: an earlier datagram found no listener */
	uint64_t unsent;    /* not sent after a second ECONNREFUSED */
};

/* Opens a connected UDP source_socket(); *port receives the local port. */
int udp_socket_open(const struct ip_addr *source, const struct target *to, uint16_t *port);

/*
 * 0: the kernel accepted the datagram; 1: it was refused twice, and not sent; or a
 * negative errno.
 */
int udp_socket_send(int fd, const void *data, size_t len, struct udp_counters *count);

#endif
