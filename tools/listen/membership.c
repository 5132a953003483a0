/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Membership in the hash bucket: join, notice its loss, leave. */
#include "membership.h"

#include "ports.h"
#include "report.h"

#include <err.h>
#include <errno.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/socket.h>

static void report_refused(const struct listen *listen, const struct pmreuseport_error *error)
{
	unsigned int i;

	for (i = 0; i < listen->n_ports && listen->ports[i].watched.fd != error->fd; i++)
		;
	if (i < listen->n_ports)
		warnx("%s port %u: %s; %s", port_protocol(&listen->ports[i]),
		      listen->ports[i].number, error->what, error->advice);
	else
		warnx("%s; %s", error->what, error->advice);
}

static struct pmreuseport_config *configure(const struct options *opt,
					    struct pmreuseport_error *error)
{
	struct pmreuseport_config *config = pmreuseport_config_new(error);

	if (!config)
		return NULL;
	pmreuseport_config_set_count(config, opt->count);
	pmreuseport_config_set_index(config, opt->index);
	pmreuseport_config_set_fallback(config, opt->fallback);
	if (pmreuseport_config_set_cluster(config, opt->cluster, error) ||
	    pmreuseport_config_set_bpf_prog(config, opt->object, error) ||
	    pmreuseport_config_set_seed(config, opt->seed, error)) {
		pmreuseport_config_free(config);
		return NULL;
	}
	return config;
}

int members_join(struct listen *listen)
{
	struct pmreuseport_member *members[PORTS_MAX] = {NULL};
	struct pmreuseport_error error = {.fd = -1};
	struct pmreuseport_config *config = configure(&listen->opt, &error);
	const unsigned int n = listen->n_ports;
	int fds[PORTS_MAX] = {0}, err = -ENOMEM;
	unsigned int i;

	for (i = 0; i < n; i++)
		fds[i] = listen->ports[i].watched.fd;
	if (config)
		err = pmreuseport_prepare(fds, n, config, members, &error);
	if (!err)
		err = pmreuseport_enter(members, n, &error);
	for (i = 0; i < n; i++) {
		if (err)
			pmreuseport_free(members[i]);
		else
			listen->ports[i].member = members[i];
	}
	pmreuseport_config_free(config);
	if (err)
		report_refused(listen, &error);
	return err;
}

/* True if the port is back in its bucket. */
static bool try_return(struct listen *listen, struct port *port)
{
	struct pmreuseport_error error = {0};
	int ret = pmreuseport_return(&port->member, &port->watched.fd, 1, &error);

	if (ret < 0)
		warnx("%s port %u: %s; %s", port_protocol(port), port->number, error.what,
		      error.advice);
	if (ret > 0)
		report_returned(listen, port);
	return ret > 0;
}

bool members_held(struct listen *listen)
{
	bool any = false;
	unsigned int i;

	for (i = 0; i < listen->n_ports; i++) {
		struct port *port = &listen->ports[i];

		switch (pmreuseport_state(port->member)) {
		case PMREUSEPORT_HELD:
		case PMREUSEPORT_UNKNOWN:
			any = true;
			break;
		case PMREUSEPORT_EMPTY:
			any |= try_return(listen, port);
			break;
		default:
			break;
		}
	}
	return any;
}

static int leave(struct port *port)
{
	struct pmreuseport_error error = {0};
	int err = 0;

	if (pmreuseport_state(port->member) == PMREUSEPORT_HELD) {
		err = pmreuseport_leave(port->member, &error);
		if (err)
			warnx("%s port %u: %s; %s", port_protocol(port), port->number, error.what,
			      error.advice);
	} else {
		pmreuseport_free(port->member);
	}
	port->member = NULL;
	return err;
}

int members_leave(struct listen *listen)
{
	unsigned int i;
	int err = 0, ret;

	for (i = 0; i < listen->n_ports; i++) {
		struct port *port = &listen->ports[i];

		ret = leave(port);
		if (!err)
			err = ret;
		if (!port->tcp)
			continue;
		/* Connections that wait to be accepted migrate within the reuseport group. */
		epoll_ctl(listen->epoll, EPOLL_CTL_DEL, port->watched.fd, NULL);
		shutdown(port->watched.fd, SHUT_RDWR);
	}
	return err;
}
