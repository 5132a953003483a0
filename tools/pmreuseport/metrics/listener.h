/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A listening socket for this host only: a Unix socket, or one on a loopback address. */
#ifndef PMREUSEPORT_METRICS_LISTENER_H
#define PMREUSEPORT_METRICS_LISTENER_H

#include <netinet/in.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "pmreuseport.h"

struct listener {
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
	} address;
	socklen_t len;
	int fd;
	struct stat made; /* the file of a Unix socket */
};

/* "unix:PATH", "127.0.0.1:PORT" or "[::1]:PORT". -EINVAL: none of these. */
int listener_parse(struct listener *listener, const char *text, struct pmreuseport_error *error);

/*
 * Opens the socket. The file of a Unix socket is for this user and group only, and replaces
 * that of a socket without a listener. -EADDRINUSE: a process listens there.
 */
int listener_open(struct listener *listener, struct pmreuseport_error *error);

/* Removes the file, if it is still that of this socket. */
void listener_remove(const struct listener *listener);

#endif
