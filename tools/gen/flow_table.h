/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sockets of a replay: one for each (source address, source port) of the capture. */
#ifndef GEN_FLOW_TABLE_H
#define GEN_FLOW_TABLE_H

#include "udp_socket.h"

struct replay_source {
	struct ip_addr original;
	uint16_t original_port;
	struct ip_addr addr; /* the address it is played from */
	uint16_t port;
	int fd;
	struct udp_counters count;
};

struct flow_table {
	struct replay_source **list; /* in the order of the capture */
	size_t count;
	void *by_source; /* tsearch() trees of the members of 'list' */
	void *by_address;
	uint32_t addresses;
};

/*
 * The entry of a source; a new one has fd -1, and addr is set to 'fixed', or to
 * 'base' plus the number of distinct addresses before it, or to its own.
 * NULL without memory, or if base + n runs out of the address family.
 */
struct replay_source *flow_table_get(struct flow_table *t, const struct ip_addr *original,
				     uint16_t port, const struct ip_addr *fixed,
				     const struct ip_addr *base);
void flow_table_free(struct flow_table *t);

#endif
