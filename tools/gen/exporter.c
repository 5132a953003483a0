/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "exporter.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int exporter_open(struct exporter *ex, const struct flow_options *opt, uint32_t index)
{
	const struct target *to;
	char text[INET6_ADDRSTRLEN];
	uint32_t i;

	ex->index = index;
	ex->addr = opt->from.list[index];
	ex->version = opt->versions[index % opt->version_count];
	/* v5 has no IPv6 records. */
	ex->ipv6_flows = opt->ipv6_flows && ex->version != 5;
	to = targets_for(&opt->to, &ex->addr);
	ex->domains = calloc(opt->domains, sizeof(*ex->domains));
	ex->ports = calloc(opt->ports, sizeof(*ex->ports));
	if (!ex->domains || !ex->ports || !to) {
		warnx("out of memory for exporter %u; use fewer sources", index);
		return -ENOMEM;
	}
	for (i = 0; i < opt->ports; i++)
		ex->ports[i].fd = -1;
	for (i = 0; i < opt->domains; i++)
		ex->domains[i].sequence = opt->seq_start;
	for (i = 0; i < opt->ports; i++) {
		struct exporter_port *port = &ex->ports[i];

		port->fd = udp_socket_open(&ex->addr, to, &port->number);
		if (port->fd < 0) {
			warnx("cannot send from %s: %s; use a source that has a route to the "
			      "target",
			      ip_format(&ex->addr, text), strerror(-port->fd));
			return port->fd;
		}
	}
	return 0;
}

void exporter_close(struct exporter *ex, const struct flow_options *opt)
{
	uint32_t i;

	for (i = 0; ex->ports && i < opt->ports; i++) {
		if (ex->ports[i].fd >= 0)
			close(ex->ports[i].fd);
	}
	free(ex->ports);
	free(ex->domains);
}
