/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "view/endpoints.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/array.h"

/* The list is sorted by endpoint. */
static struct endpoint *endpoint_of(struct endpoints *endpoints, const char *name)
{
	struct endpoint *last = endpoints->n ? &endpoints->list[endpoints->n - 1] : NULL;

	if (last && !strcmp(last->name, name))
		return last;
	last = array_add(&endpoints->list, &endpoints->n);
	if (last)
		memcpy(last->name, name, sizeof(last->name));
	return last;
}

static int add_members(struct endpoints *endpoints, const char *cluster, bool tcp,
		       struct pmreuseport_error *error)
{
	struct pmr_live_socket *members = NULL;
	struct endpoint *endpoint;
	size_t n = 0, i;
	int err;

	err = pmr_members(cluster, tcp, &members, &n, error);
	for (i = 0; !err && i < n; i++) {
		endpoint = endpoint_of(endpoints, members[i].endpoint);
		if (!endpoint) {
			err = pmr_error(error, -ENOMEM, "out of memory for a list of endpoints",
					"add memory, or raise the memory limit");
			break;
		}
		endpoint->hidden[members[i].index] = members[i].elsewhere;
		if (!members[i].elsewhere)
			endpoint->pid[members[i].index] = members[i].pid;
	}
	free(members);
	return err;
}

static int look(struct endpoint *endpoint, const char *cluster, struct pmreuseport_error *error)
{
	struct pmr_where where;
	int err;

	err = pmr_where_open(&where, cluster, endpoint->name, error);
	if (err)
		return err;
	err = pmr_where_look(&where, &endpoint->view, error);
	pmr_where_close(&where);
	return err;
}

int endpoints_read(struct endpoints *endpoints, const char *cluster,
		   struct pmreuseport_error *error)
{
	size_t i;
	int err;

	*endpoints = (struct endpoints){0};
	err = add_members(endpoints, cluster, false, error);
	if (!err)
		err = add_members(endpoints, cluster, true, error);
	if (!err && !endpoints->n)
		err = pmr_error(error, -ENOENT, "no instance of cluster \"%s\" is alive",
				"start one first", cluster);
	for (i = 0; !err && i < endpoints->n; i++)
		err = look(&endpoints->list[i], cluster, error);
	return err;
}

void endpoints_free(struct endpoints *endpoints)
{
	size_t i;

	for (i = 0; i < endpoints->n; i++)
		free(endpoints->list[i].view.pins.list);
	free(endpoints->list);
	*endpoints = (struct endpoints){0};
}
