/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses that share packets. */
#ifndef PMR_OVERLAP_H
#define PMR_OVERLAP_H

#include <netinet/in.h>
#include <stdbool.h>

#include "cluster.h"
#include "endpoint.h"
#include "pmreuseport.h"

/* What a socket receives of one address family. */
enum pmr_scope {
	PMR_SCOPE_NONE,
	PMR_SCOPE_ONE, /* packets to one address */
	PMR_SCOPE_ALL,
};

struct pmr_local {
	int family; /* of the socket: AF_INET6 also for an IPv4-mapped address */
	enum pmr_scope v4, v6;
	struct in_addr addr4; /* for PMR_SCOPE_ONE */
	struct in6_addr addr6;
};

/* Of a socket that is bound to an IPv4 address. */
struct pmr_local pmr_local_of_v4(struct in_addr addr);

/* Of a socket that is bound to an IPv6 address. v6only: its option IPV6_V6ONLY. */
struct pmr_local pmr_local_of_v6(const struct in6_addr *addr, bool v6only);

/* True if a packet can fit both. */
bool pmr_local_overlap(const struct pmr_local *a, const struct pmr_local *b);

/* True if sockets bound like this are in one reuseport group, as far as addresses matter. */
bool pmr_local_same(const struct pmr_local *a, const struct pmr_local *b);

/* The parts of an endpoint's name. */
struct pmr_endpoint_parts {
	bool tcp;
	unsigned int port;
	struct pmr_local local;
	unsigned int device; /* index; 0: none */
};

/* False: this is not a name that pmr_endpoint_inspect() makes. */
bool pmr_endpoint_parse(const char *name, struct pmr_endpoint_parts *parts);

/*
 * True if a packet can fit the sockets of both endpoints, which are different reuseport groups
 * then: the kernel picks the group, and the selector of the other one never sees the packet.
 */
bool pmr_endpoints_overlap(const char *a, const char *b);

/* -EEXIST if an instance joins with sockets of both endpoints, and they overlap or are one. */
int pmr_overlap_check_pair(const char *a, const char *b, struct pmreuseport_error *error);

/* -EEXIST if the cluster is live on another endpoint that overlaps. With the lock held. */
int pmr_overlap_check(const struct pmr_cluster *cluster, const struct pmr_endpoint *endpoint,
		      struct pmreuseport_error *error);

#endif /* PMR_OVERLAP_H */
