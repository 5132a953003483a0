// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Of all sockets that a packet fits, the kernel prefers one on the packet's address to one on the
 * wildcard address. Among those it prefers one that is bound to a device, and an AF_INET socket
 * to an AF_INET6 one (compute_score() in net/ipv4/udp.c and net/ipv4/inet_hashtables.c). The
 * reuseport group of the winner gets the packet, and only its buckets. So instances on
 * overlapping addresses do not share the exporters: those on 0.0.0.0 get all of IPv4, those on
 * [::] none of it.
 *
 * Endpoints on different devices, or on a device and on none, do not count as overlapping. The
 * kernel gives what arrives on a device (for a VRF: on its ports) to the group of that device,
 * and all the rest to the group without one, which without net.ipv4.udp_l3mdev_accept does not
 * even see the packets of a VRF. This is how one cluster serves several VRFs: each of them
 * has a group with all the buckets.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "error.h"
#include "live_sockets.h"
#include "overlap.h"

struct pmr_local pmr_local_of_v4(struct in_addr addr)
{
	return (struct pmr_local){.family = AF_INET,
				  .v4 = addr.s_addr ? PMR_SCOPE_ONE : PMR_SCOPE_ALL,
				  .addr4 = addr};
}

struct pmr_local pmr_local_of_v6(const struct in6_addr *addr, bool v6only)
{
	struct pmr_local local = {.family = AF_INET6};

	if (IN6_IS_ADDR_V4MAPPED(addr)) {
		local = pmr_local_of_v4((struct in_addr){addr->s6_addr32[3]});
		local.family = AF_INET6;
	} else if (IN6_IS_ADDR_UNSPECIFIED(addr)) {
		local.v4 = v6only ? PMR_SCOPE_NONE : PMR_SCOPE_ALL;
		local.v6 = PMR_SCOPE_ALL;
	} else {
		local.v6 = PMR_SCOPE_ONE;
		local.addr6 = *addr;
	}
	return local;
}

static bool meet(enum pmr_scope a, enum pmr_scope b, bool same)
{
	if (a == PMR_SCOPE_NONE || b == PMR_SCOPE_NONE)
		return false;
	return a == PMR_SCOPE_ALL || b == PMR_SCOPE_ALL || same;
}

bool pmr_local_overlap(const struct pmr_local *a, const struct pmr_local *b)
{
	return meet(a->v4, b->v4, a->addr4.s_addr == b->addr4.s_addr) ||
	       meet(a->v6, b->v6, IN6_ARE_ADDR_EQUAL(&a->addr6, &b->addr6));
}

bool pmr_local_same(const struct pmr_local *a, const struct pmr_local *b)
{
	return a->family == b->family && a->v4 == b->v4 && a->v6 == b->v6 &&
	       pmr_local_overlap(a, b);
}

static bool parse_host(char *host, struct pmr_local *local)
{
	struct in6_addr addr6 = IN6ADDR_ANY_INIT;
	struct in_addr addr4 = {INADDR_ANY};
	char *dot;

	for (dot = host; (dot = strchr(dot, '_'));)
		*dot = '.';
	if (!strcmp(host, "any") || inet_pton(AF_INET, host, &addr4) == 1)
		*local = pmr_local_of_v4(addr4);
	else if (!strcmp(host, "any6") || !strcmp(host, "any6only") ||
		 inet_pton(AF_INET6, host, &addr6) == 1)
		*local = pmr_local_of_v6(&addr6, !strcmp(host, "any6only"));
	else
		return false;
	return true;
}

bool pmr_endpoint_parse(const char *name, struct pmr_endpoint_parts *parts)
{
	char host[INET6_ADDRSTRLEN];
	int end = 0;

	memset(parts, 0, sizeof(*parts));
	if (!pmr_endpoint_is_name(name) ||
	    sscanf(name + 4, "%5u-%45[^-]%n-dev%u", &parts->port, host, &end, &parts->device) < 2 ||
	    !end)
		return false;
	parts->tcp = name[0] == 't';
	return parse_host(host, &parts->local);
}

bool pmr_endpoints_overlap(const char *a, const char *b)
{
	struct pmr_endpoint_parts parts_a, parts_b;

	return strcmp(a, b) && pmr_endpoint_same_netns(a, b) && pmr_endpoint_parse(a, &parts_a) &&
	       pmr_endpoint_parse(b, &parts_b) && parts_a.tcp == parts_b.tcp &&
	       parts_a.port == parts_b.port && parts_a.device == parts_b.device &&
	       pmr_local_overlap(&parts_a.local, &parts_b.local);
}

int pmr_overlap_check_pair(const char *a, const char *b, struct pmreuseport_error *error)
{
	if (!strcmp(a, b))
		return pmr_refuse(error, PMREUSEPORT_OTHER_ADDRESS, -EEXIST,
				  "two sockets of this instance are on %s, but a hash bucket has "
				  "one socket there",
				  "bind them to different ports", a);
	if (!pmr_endpoints_overlap(a, b))
		return 0;
	return pmr_refuse(error, PMREUSEPORT_OTHER_ADDRESS, -EEXIST,
			  "%s and %s overlap: the kernel would give the packets that fit both to "
			  "one of them only",
			  "join with a socket on one of the two addresses", a, b);
}

int pmr_overlap_check(const struct pmr_cluster *cluster, const struct pmr_endpoint *endpoint,
		      struct pmreuseport_error *error)
{
	char found[PMR_ENDPOINT_NAME_SIZE];
	int ret = pmr_live_endpoint(cluster, pmr_endpoints_overlap, endpoint->name, found, error);

	if (ret <= 0)
		return ret;
	return pmr_refuse(error, PMREUSEPORT_OTHER_ADDRESS, -EEXIST,
			  "cluster \"%s\" is live on %s, and %s overlaps that address: the kernel "
			  "would give the packets that fit both to one of them only",
			  "bind all instances to the same address, or stop the others first",
			  cluster->name, found, endpoint->name);
}
