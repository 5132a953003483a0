/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_SOURCE_SOCKET_H
#define TOOLS_SOURCE_SOCKET_H

#include "ip_addr.h"

/*
 * A socket of 'type' that is bound to 'source', which need not be an address of
 * this machine, and any free port. The descriptor or a negative errno.
 */
int source_socket(int type, const struct ip_addr *source);

/* The port a socket is bound to, or a negative errno. */
int socket_local_port(int fd);

#endif
