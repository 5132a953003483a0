/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_SOURCE_SOCKET_H
#define TOOLS_SOURCE_SOCKET_H

#include "ip_addr.h"

/*
 * Opens a socket of 'type', bound to 'source' and any free port. 'source' need not be an
 * address of this host. Returns the descriptor, or a negative errno.
 */
int source_socket(int type, const struct ip_addr *source);

/* The port a socket is bound to, or a negative errno. */
int socket_local_port(int fd);

#endif
