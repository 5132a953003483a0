// SPDX-License-Identifier: GPL-2.0-or-later
/* Which user has the port that bind() has refused. */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "error.h"
#include "overlap.h"
#include "port_sockets.h"

struct wanted {
	struct pmr_local local;
	unsigned int port;
	unsigned int device; /* index; 0: none */
	bool tcp;
	uint32_t user;
	struct pmr_port_socket found;
};

static int option(int fd, int level, int name)
{
	int value = 0;

	return getsockopt(fd, level, name, &value, &(socklen_t){sizeof(value)}) ? 0 : value;
}

static bool read_address(int fd, const struct sockaddr *address, struct wanted *wanted)
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	switch (address->sa_family) {
	case AF_INET:
		memcpy(&in, address, sizeof(in));
		wanted->local = pmr_local_of_v4(in.sin_addr);
		wanted->port = ntohs(in.sin_port);
		return true;
	case AF_INET6:
		memcpy(&in6, address, sizeof(in6));
		wanted->local =
			pmr_local_of_v6(&in6.sin6_addr, option(fd, IPPROTO_IPV6, IPV6_V6ONLY));
		wanted->port = ntohs(in6.sin6_port);
		return true;
	default:
		return false;
	}
}

static int find(const struct pmr_port_socket *sk, void *context)
{
	struct wanted *wanted = context;

	if (sk->user == wanted->user || !pmr_local_overlap(&sk->local, &wanted->local) ||
	    (sk->device && wanted->device && sk->device != wanted->device))
		return 0;
	wanted->found = *sk;
	return 1;
}

bool pmreuseport_port_user(int fd, const struct sockaddr *address, struct pmreuseport_error *error)
{
	struct wanted wanted = {.tcp = option(fd, SOL_SOCKET, SO_TYPE) == SOCK_STREAM,
				.device = option(fd, SOL_SOCKET, SO_BINDTOIFINDEX)};
	struct stat st;

	if (fstat(fd, &st) || !read_address(fd, address, &wanted))
		return false;
	wanted.user = st.st_uid;
	if (pmr_port_sockets_each(wanted.tcp, wanted.port, find, &wanted) != 1)
		return false;
	pmr_refuse(error, PMREUSEPORT_OTHER_USER, -EADDRINUSE,
		   "user %u has a socket on %s, %s port %u, and shares it with no other user",
		   "find it with: ss -lnp%c sport = :%u; end it, or run this process as that user",
		   wanted.found.user, wanted.found.address, wanted.tcp ? "TCP" : "UDP", wanted.port,
		   wanted.tcp ? 't' : 'u', wanted.port);
	return true;
}
