/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sockets, before they are in a hash bucket. */
#include "ports.h"

#include <err.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

const char *port_protocol(const struct port *port)
{
	return port->tcp ? "TCP" : "UDP";
}

static int set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value));
}

/* An answer must come from the address that the question was sent to. */
static int ask_for_destination(int fd, int family)
{
	return family == AF_INET6 ? set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1)
				  : set(fd, IPPROTO_IP, IP_PKTINFO, 1);
}

/* Also from an address that is local only by a route, such as a prefix on "lo". */
static int answer_from_any(int fd, int family)
{
	return family == AF_INET6 ? set(fd, IPPROTO_IPV6, IPV6_FREEBIND, 1) : 0;
}

static int set_options(const struct port *port, int family, bool any)
{
	const int fd = port->watched.fd;

	if (set(fd, SOL_SOCKET, SO_REUSEPORT, 1))
		return -errno;
	/* Connections of an earlier run in TIME_WAIT must not block the port. */
	if (port->tcp && set(fd, SOL_SOCKET, SO_REUSEADDR, 1))
		return -errno;
	if (any && set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0))
		return -errno;
	return !port->tcp && ask_for_destination(fd, family) ? -errno : 0;
}

static int open_port(struct port *port, const char *address)
{
	struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
		.ai_socktype = port->tcp ? SOCK_STREAM : SOCK_DGRAM,
	};
	struct addrinfo *to = NULL;
	char number[8];
	int fd, err;

	snprintf(number, sizeof(number), "%u", port->number);
	if (getaddrinfo(address ? address : "::", number, &hints, &to)) {
		warnx("'%s' is not an IP address; give --address an address of this host", address);
		return -EINVAL;
	}
	fd = socket(to->ai_family, to->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0) {
		err = -errno;
		warnx("cannot create a socket for %s port %u (%s); without IPv6 in the kernel, use "
		      "--address 0.0.0.0",
		      port_protocol(port), port->number, strerror(-err));
		goto out;
	}
	port->watched.fd = fd;
	err = set_options(port, to->ai_family, !address);
	if (err) {
		warnx("cannot set an option on the socket for %s port %u (%s); use a newer kernel",
		      port_protocol(port), port->number, strerror(-err));
		goto out;
	}
	if (bind(fd, to->ai_addr, to->ai_addrlen)) {
		err = -errno;
		warnx("cannot bind to %s port %u (%s); %s", port_protocol(port), port->number,
		      strerror(-err),
		      err == -EADDRINUSE ? "stop the process that holds it without SO_REUSEPORT "
					   "or as another user, or use another port"
					 : "use an address of this host, and a port that this user "
					   "may bind");
		goto out;
	}
	/* Not before bind(): to listen at an address of another host is a mistake. */
	if (!port->tcp && answer_from_any(fd, to->ai_family)) {
		err = -errno;
		warnx("cannot set an option on the socket for UDP port %u (%s); use a newer kernel",
		      port->number, strerror(-err));
		goto out;
	}
	if (port->tcp && listen(fd, SOMAXCONN)) {
		err = -errno;
		warnx("cannot listen on TCP port %u (%s); stop the process that listens there "
		      "without SO_REUSEPORT, or use another port",
		      port->number, strerror(-err));
	}
out:
	freeaddrinfo(to);
	return err;
}

int ports_open(struct listen *listen)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < listen->n_ports && !err; i++)
		err = open_port(&listen->ports[i], listen->opt.address);
	return err;
}

void ports_close(struct listen *listen)
{
	unsigned int i;

	for (i = 0; i < listen->n_ports; i++) {
		if (listen->ports[i].watched.fd >= 0)
			close(listen->ports[i].watched.fd);
		listen->ports[i].watched.fd = -1;
	}
}
