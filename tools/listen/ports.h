/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef LISTEN_PORTS_H
#define LISTEN_PORTS_H

#include "listen.h"

/* Opens all ports; none is in a bucket yet. 0, or a negative errno after a message. */
int ports_open(struct listen *listen);
void ports_close(struct listen *listen);

/* "UDP" or "TCP". */
const char *port_protocol(const struct port *port);

#endif
