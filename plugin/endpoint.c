// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An endpoint is one reuseport group: protocol, local address and port, device,
 * network namespace. The kernel keeps such sockets together, and so do our pins.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "endpoint.h"
#include "error.h"

/* Since Linux 5.14; the C library's headers may be older than the kernel. */
#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

static int int_option(int fd, int option, int *value)
{
	socklen_t len = sizeof(*value);

	return getsockopt(fd, SOL_SOCKET, option, value, &len) ? -errno : 0;
}

static int cookie_option(int fd, int option, uint64_t *value)
{
	socklen_t len = sizeof(*value);

	return getsockopt(fd, SOL_SOCKET, option, value, &len) ? -errno : 0;
}

static int check_kind(int fd, bool *tcp, struct pmreuseport_error *error)
{
	int protocol, type, reuseport, listening, err;

	err = int_option(fd, SO_PROTOCOL, &protocol);
	if (!err)
		err = int_option(fd, SO_TYPE, &type);
	if (err)
		return pmr_error(error, err, "descriptor %d is not a socket (%s)", "pass a socket",
				 fd, strerror(-err));
	if (!(protocol == IPPROTO_UDP && type == SOCK_DGRAM) &&
	    !(protocol == IPPROTO_TCP && type == SOCK_STREAM))
		return pmr_error(error, -EINVAL,
				 "socket %d is of protocol %d and type %d, but only UDP and TCP "
				 "can be balanced",
				 "pass a UDP or TCP socket", fd, protocol, type);

	err = int_option(fd, SO_REUSEPORT, &reuseport);
	if (err || !reuseport)
		return pmr_error(error, -EINVAL,
				 "socket %d has no SO_REUSEPORT, so it shares its port with no "
				 "other instance",
				 "set that option before bind()", fd);

	*tcp = protocol == IPPROTO_TCP;
	if (!*tcp)
		return 0;

	err = int_option(fd, SO_ACCEPTCONN, &listening);
	if (err || !listening)
		return pmr_error(error, -EINVAL, "TCP socket %d is not listening",
				 "join after listen()", fd);
	return 0;
}

/*
 * Host and port as a part of a file name. "any", "any6" and "any6only" are the
 * wildcard addresses; the last two are different groups. bpffs allows no dots in a name
 * (kernel/bpf/inode.c, bpf_lookup()).
 */
static int describe_address(int fd, char host[INET6_ADDRSTRLEN], unsigned int *port)
{
	struct sockaddr_storage addr = {0};
	socklen_t len = sizeof(addr);
	int v6only;
	char *dot;

	if (getsockname(fd, (struct sockaddr *)&addr, &len))
		return -errno;

	if (addr.ss_family == AF_INET) {
		struct sockaddr_in *in = (struct sockaddr_in *)&addr;

		*port = ntohs(in->sin_port);
		inet_ntop(AF_INET, &in->sin_addr, host, INET6_ADDRSTRLEN);
		if (in->sin_addr.s_addr == htonl(INADDR_ANY))
			strcpy(host, "any");
	} else if (addr.ss_family == AF_INET6) {
		struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&addr;

		*port = ntohs(in6->sin6_port);
		inet_ntop(AF_INET6, &in6->sin6_addr, host, INET6_ADDRSTRLEN);
		if (IN6_IS_ADDR_UNSPECIFIED(&in6->sin6_addr)) {
			if (getsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &v6only,
				       &(socklen_t){sizeof(v6only)}))
				return -errno;
			strcpy(host, v6only ? "any6only" : "any6");
		}
	} else {
		return -EAFNOSUPPORT;
	}

	for (dot = host; (dot = strchr(dot, '.'));)
		*dot = '_';
	return 0;
}

int pmr_endpoint_inspect(int fd, struct pmr_endpoint *endpoint, struct pmreuseport_error *error)
{
	char host[INET6_ADDRSTRLEN], device[24] = "";
	unsigned int port = 0;
	uint64_t netns;
	int ifindex, err;

	err = check_kind(fd, &endpoint->tcp, error);
	if (err)
		return err;

	err = describe_address(fd, host, &port);
	if (err)
		return pmr_error(error, err, "cannot tell the local address of socket %d (%s)",
				 "bind the socket first", fd, strerror(-err));
	if (!port)
		return pmr_error(error, -EINVAL, "socket %d is not bound", "join after bind()", fd);

	err = cookie_option(fd, SO_COOKIE, &endpoint->cookie);
	if (!err)
		err = cookie_option(fd, SO_NETNS_COOKIE, &netns);
	if (err)
		return pmr_error(error, -ENOTSUP,
				 "this kernel cannot tell a socket's network namespace (%s)",
				 "use Linux 5.14 or newer", strerror(-err));

	/* Sockets bound to different devices (VRFs) are different groups. */
	if (!int_option(fd, SO_BINDTOIFINDEX, &ifindex) && ifindex)
		snprintf(device, sizeof(device), "-dev%d", ifindex);

	snprintf(endpoint->name, sizeof(endpoint->name), "%s-%u-%s%s-net%llu",
		 endpoint->tcp ? "tcp" : "udp", port, host, device, (unsigned long long)netns);
	return 0;
}

int pmr_endpoint_here(char end[PMR_ENDPOINT_END_SIZE], struct pmreuseport_error *error)
{
	uint64_t netns;
	int fd, err;

	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	err = fd < 0 ? -errno : cookie_option(fd, SO_NETNS_COOKIE, &netns);
	if (fd >= 0)
		close(fd);
	if (err)
		return pmr_error(error, err,
				 "cannot tell the network namespace of this process (%s)", "%s",
				 strerror(-err), pmr_advice(err, "use Linux 5.14 or newer"));
	snprintf(end, PMR_ENDPOINT_END_SIZE, "-net%llu", (unsigned long long)netns);
	return 0;
}

int pmr_endpoint_is_here(const char *name, bool *here, struct pmreuseport_error *error)
{
	char end[PMR_ENDPOINT_END_SIZE];
	int err = pmr_endpoint_here(end, error);

	*here = !err && pmr_endpoint_same_netns(name, end);
	return err;
}

bool pmr_endpoint_same_netns(const char *a, const char *b)
{
	const char *net_a = strrchr(a, '-'), *net_b = strrchr(b, '-');

	return net_a && net_b && !strcmp(net_a, net_b);
}

bool pmr_endpoint_is_name(const char *name)
{
	return !strncmp(name, "udp-", 4) || !strncmp(name, "tcp-", 4);
}

int pmr_endpoint_check_name(const char *name, struct pmreuseport_error *error)
{
	if (pmr_endpoint_is_name(name) && !strchr(name, '/') &&
	    strlen(name) < PMR_ENDPOINT_NAME_SIZE)
		return 0;
	return pmr_error(error, -EINVAL, "'%.100s' is not the name of an endpoint",
			 "give one as status prints it, such as udp-2055-any6-net1", name);
}
