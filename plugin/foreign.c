// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel makes a reuseport group of sockets of one user only (udp_reuseport_add_sock(),
 * inet_reuseport_add_sock()). Sockets of two users on one port are two groups, and one of them
 * gets the packets that fit both: the one that is ranked higher, or was opened later. So two
 * clusters of different users cannot share a port, nor can a cluster have sockets of both.
 *
 * bind() refuses such sockets, unless both have SO_REUSEADDR (see reuse_addr.c) when the second
 * one is bound. What is found here was bound before the join.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "beside.h"
#include "error.h"
#include "foreign.h"

/* What the kernel prefers; see overlap.c. */
static unsigned int rank(const struct pmr_local *local)
{
	const bool wildcard = local->v4 == PMR_SCOPE_ALL || local->v6 == PMR_SCOPE_ALL;

	return (wildcard ? 0 : 2) + (local->family == AF_INET);
}

bool pmr_is_foreign(const struct pmr_port_socket *sk, const struct pmr_local *local,
		    unsigned int device, uint32_t user)
{
	if (!pmr_local_overlap(&sk->local, local))
		return false;
	if (sk->user != user)
		return !sk->device || !device || sk->device == device;
	return sk->device == device && !sk->connected && rank(&sk->local) > rank(local);
}

static bool is_of_another_user(const struct pmr_beside *own, const struct pmr_port_socket *sk)
{
	return sk->user != own->user &&
	       pmr_is_foreign(sk, &own->parts.local, own->parts.device, own->user);
}

int pmr_foreign_check(int fd, const struct pmr_endpoint *endpoint, struct pmreuseport_error *error)
{
	struct pmr_beside own = {.match = is_of_another_user};
	int ret = pmr_beside_find(fd, endpoint, &own, error);

	if (ret <= 0)
		return ret;
	return pmr_refuse(error, PMREUSEPORT_OTHER_USER, -EEXIST,
			  "user %u has a socket on %s, %s port %u, and the socket of user %u does "
			  "not share its packets",
			  "find it with: ss -lnp%c sport = :%u; end it, or run all instances as "
			  "one user",
			  own.found.user, own.found.address, endpoint->tcp ? "TCP" : "UDP",
			  own.parts.port, own.user, endpoint->tcp ? 't' : 'u', own.parts.port);
}

int pmr_foreign_check_owner(int fd, const struct pmr_cluster *cluster,
			    struct pmreuseport_error *error)
{
	struct stat socket, directory;

	if (fstat(fd, &socket) || lstat(cluster->path, &directory))
		return pmr_error(error, -errno, "cannot tell the user of socket %d and of %s (%s)",
				 "check whether another process changes that directory", fd,
				 cluster->path, strerror(errno));
	if (socket.st_uid == directory.st_uid)
		return 0;
	return pmr_refuse(error, PMREUSEPORT_OTHER_USER, -EEXIST,
			  "the socket belongs to user %u, and cluster \"%s\" to user %u",
			  "adopt it as user %u with CAP_BPF and CAP_SYS_PTRACE, in a cluster of "
			  "that user",
			  (unsigned int)socket.st_uid, cluster->name,
			  (unsigned int)directory.st_uid, (unsigned int)socket.st_uid);
}
