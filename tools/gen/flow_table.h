/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sockets of a replay: one for each (source address, source port) of the capture. */
#ifndef GEN_FLOW_TABLE_H
#define GEN_FLOW_TABLE_H

#include "udp_socket.h"

struct replay_source {
	struct ip_addr original;
	uint16_t original_port;
	struct ip_addr addr; /* the address to send from */
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
 * Returns the entry of a source. A new entry has fd -1; its addr is 'fixed', or 'base' plus
 * the number of distinct addresses before it, or the original address. NULL: out of memory,
 * or base + n is beyond the last address.
 */
struct replay_source *flow_table_get(struct flow_table *t, const struct ip_addr *original,
				     uint16_t port, const struct ip_addr *fixed,
				     const struct ip_addr *base);
void flow_table_free(struct flow_table *t);

#endif
