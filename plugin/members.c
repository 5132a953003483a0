// SPDX-License-Identifier: GPL-2.0-or-later
/* Who is in the buckets of a cluster now. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "cluster.h"
#include "endpoint_dir.h"
#include "error.h"
#include "members.h"
#include "processes.h"
#include "records.h"

struct list {
	bool tcp;
	struct pmr_live_socket *sockets;
	size_t n;
	struct pmr_processes processes;
};

static void add_buckets(struct list *list, const char *name, int targets, int members)
{
	struct pmr_member_record record;
	struct pmr_live_socket *socket;
	__u64 cookie;
	__u32 index;

	for (index = 0; index < PMR_MAX_BUCKETS; index++) {
		if (bpf_map_lookup_elem(targets, &index, &cookie))
			continue;
		socket = &list->sockets[list->n++];
		snprintf(socket->endpoint, sizeof(socket->endpoint), "%s", name);
		socket->index = index;
		socket->cookie = cookie;
		if (!pmr_record_read(members, index, cookie, &record))
			record = (struct pmr_member_record){0};
		socket->elsewhere = !pmr_processes_locate(&list->processes, &record) && record.pid;
		socket->pid = record.pid;
		memcpy(socket->comm, record.comm, sizeof(socket->comm));
	}
}

static int add_endpoint(const char *path, const char *name, void *context,
			struct pmreuseport_error *error)
{
	struct list *list = context;
	struct pmr_live_socket *grown;
	int targets, members;

	if (list->tcp != (name[0] == 't'))
		return 0;
	targets = pmr_endpoint_open_array(path, name, error);
	if (targets < 0)
		return targets == -ENOENT ? 0 : targets;
	grown = realloc(list->sockets, (list->n + PMR_MAX_BUCKETS) * sizeof(*grown));
	if (!grown) {
		close(targets);
		return pmr_error(error, -ENOMEM, "out of memory for a list of members",
				 "add memory, or raise the memory limit");
	}
	list->sockets = grown;
	members = pmr_records_open(path);
	add_buckets(list, name, targets, members);
	if (members >= 0)
		close(members);
	close(targets);
	return 0;
}

int pmr_members(const char *name, bool tcp, struct pmr_live_socket **sockets, size_t *n,
		struct pmreuseport_error *error)
{
	struct pmr_cluster cluster = {.lock = -1};
	struct list list = {.tcp = tcp};
	int err;

	err = pmr_cluster_open(&cluster, name, PMR_LOCK_SHARED, error);
	if (!err)
		err = pmr_endpoint_each(&cluster, add_endpoint, &list, error);
	pmr_cluster_unlock(&cluster);
	pmr_processes_free(&list.processes);
	if (err) {
		free(list.sockets);
		list = (struct list){0};
	}
	*sockets = list.sockets;
	*n = list.n;
	return err;
}
