/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef LISTEN_REPORT_H
#define LISTEN_REPORT_H

#include "listen.h"

void report_ready(struct listen *listen);
void report_datagram(struct listen *listen, const struct ip_addr *address, uint16_t source_port,
		     const struct port *port, uint64_t bytes);
void report_connection(struct listen *listen, const struct session *session);
void report_closed(struct listen *listen, const struct session *session);
void report_returned(struct listen *listen, const struct port *port);
void report_left(struct listen *listen, const char *why);
void report_totals(struct listen *listen);

#endif
