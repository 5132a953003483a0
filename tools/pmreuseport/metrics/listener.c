/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "metrics/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/decimal.h"
#include "operator.h"

#define UNIX_PREFIX "unix:"
#define BACKLOG 16

/* The port after the colon, in network order. 0: none. */
static in_port_t port_of(const char *colon)
{
	uint64_t port;

	return decimal(colon + 1, UINT16_MAX, &port) ? htons(port) : 0;
}

static bool parse_loopback(struct listener *listener, const char *text)
{
	const char *colon = strrchr(text, ':');
	char host[INET6_ADDRSTRLEN + 2];
	size_t n;

	if (!colon || !port_of(colon) || (size_t)(colon - text) >= sizeof(host))
		return false;
	n = colon - text;
	memcpy(host, text, n);
	host[n] = '\0';
	if (n > 2 && host[0] == '[' && host[n - 1] == ']') {
		host[n - 1] = '\0';
		listener->address.in6.sin6_family = AF_INET6;
		listener->address.in6.sin6_port = port_of(colon);
		listener->len = sizeof(listener->address.in6);
		return inet_pton(AF_INET6, host + 1, &listener->address.in6.sin6_addr) == 1 &&
		       IN6_IS_ADDR_LOOPBACK(&listener->address.in6.sin6_addr);
	}
	listener->address.in.sin_family = AF_INET;
	listener->address.in.sin_port = port_of(colon);
	listener->len = sizeof(listener->address.in);
	return inet_pton(AF_INET, host, &listener->address.in.sin_addr) == 1 &&
	       ntohl(listener->address.in.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
}

int listener_parse(struct listener *listener, const char *text, struct pmreuseport_error *error)
{
	const char *path = text + strlen(UNIX_PREFIX);
	struct sockaddr_un *un = &listener->address.un;

	*listener = (struct listener){.fd = -1};
	if (strncmp(text, UNIX_PREFIX, strlen(UNIX_PREFIX))) {
		if (parse_loopback(listener, text))
			return 0;
		return pmr_error(error, -EINVAL, "'%.200s' is not an address for this host only",
				 "give 127.0.0.1:PORT, "
				 "[::1]:PORT or " UNIX_PREFIX "PATH, and a proxy for others",
				 text);
	}
	if (!*path || strlen(path) >= sizeof(un->sun_path))
		return pmr_error(error, -EINVAL,
				 "'%.200s' has a path that a Unix socket cannot have",
				 "give one of 1 to %zu bytes", text, sizeof(un->sun_path) - 1);
	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, path, strlen(path) + 1);
	listener->len = sizeof(*un);
	return 0;
}

/* Removes the file of a socket without a listener. */
static int remove_stale(const struct listener *listener, struct pmreuseport_error *error)
{
	const char *path = listener->address.un.sun_path;
	struct stat st;
	int fd, err = 0;

	if (lstat(path, &st))
		return 0;
	if (!S_ISSOCK(st.st_mode))
		return pmr_error(error, -EEXIST, "%s exists and is not a socket",
				 "use another path, or remove it", path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return pmr_error(error, -errno, "cannot create a socket (%s)",
				 "raise the limit of open files", strerror(errno));
	if (connect(fd, &listener->address.any, listener->len) && errno == ECONNREFUSED) {
		if (unlink(path) && errno != ENOENT)
			err = pmr_error(error, -errno, "cannot replace the socket %s (%s)",
					"remove it, or use another path", path, strerror(errno));
	} else {
		err = pmr_error(error, -EADDRINUSE, "a process listens on %s, or may do so",
				"stop that process, or use another path", path);
	}
	close(fd);
	return err;
}

static int bind_unix(struct listener *listener, struct pmreuseport_error *error)
{
	const char *path = listener->address.un.sun_path;
	mode_t before;
	int err;

	err = remove_stale(listener, error);
	if (err)
		return err;
	before = umask(0117);
	err = bind(listener->fd, &listener->address.any, listener->len) ? -errno : 0;
	umask(before);
	if (!err && lstat(path, &listener->made))
		err = -errno;
	if (err)
		return pmr_error(error, err, "cannot create the socket %s (%s)",
				 "check that its directory exists, and that this user can write to "
				 "it",
				 path, strerror(-err));
	return 0;
}

static int bind_loopback(struct listener *listener, struct pmreuseport_error *error)
{
	const int on = 1;
	int err;

	/* Connections of an earlier server may still be in TIME_WAIT. */
	if (!setsockopt(listener->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) &&
	    !bind(listener->fd, &listener->address.any, listener->len))
		return 0;
	err = -errno;
	/* The port is in the same place in both kinds of address. */
	return pmr_error(error, err, "cannot bind to port %u (%s)", "use another port",
			 ntohs(listener->address.in.sin_port), strerror(-err));
}

int listener_open(struct listener *listener, struct pmreuseport_error *error)
{
	const int family = listener->address.any.sa_family;
	int err;

	listener->fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (listener->fd < 0)
		return pmr_error(error, -errno, "cannot create a socket (%s)",
				 "use another address", strerror(errno));
	err = family == AF_UNIX ? bind_unix(listener, error) : bind_loopback(listener, error);
	if (!err && listen(listener->fd, BACKLOG)) {
		err = pmr_error(error, -errno, "cannot listen (%s)", "use another address",
				strerror(errno));
		listener_remove(listener);
	}
	if (err)
		close(listener->fd);
	return err;
}

void listener_remove(const struct listener *listener)
{
	const char *path = listener->address.un.sun_path;
	struct stat st;

	if (listener->address.any.sa_family == AF_UNIX && !lstat(path, &st) &&
	    st.st_dev == listener->made.st_dev && st.st_ino == listener->made.st_ino)
		unlink(path);
}
