// SPDX-License-Identifier: GPL-2.0-or-later
/* Who is in the buckets of a cluster now. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "internal.h"

struct list {
	bool tcp;
	struct pmr_holder *holders;
	size_t n;
};

/* Who says that it put the socket there; objects of others have no such map. */
static pid_t recorded_pid(int members, __u32 index, __u64 cookie)
{
	struct pmr_member record;

	if (members < 0 || bpf_map_lookup_elem(members, &index, &record) || record.cookie != cookie)
		return 0;
	return record.pid;
}

void pmr_clean_name(char *name, size_t size)
{
	size_t i;

	name[size - 1] = '\0';
	for (i = 0; name[i]; i++)
		if (name[i] < ' ' || name[i] > '~')
			name[i] = '?';
}

int pmr_members_open(const char *endpoint_path)
{
	char path[2 * PMR_PATH_MAX + 32];

	snprintf(path, sizeof(path), "%s/members", endpoint_path);
	return pmr_bpffs_open(path, BPF_MAP_TYPE_ARRAY, sizeof(struct pmr_member), NULL);
}

bool pmr_member_is_there(const char *endpoint_path, __u32 index, __u64 cookie)
{
	int members = pmr_members_open(endpoint_path);
	pid_t pid = recorded_pid(members, index, cookie);

	if (members >= 0)
		close(members);
	return pid && (!kill(pid, 0) || errno == EPERM);
}

static void add_buckets(struct list *list, const char *name, int targets, int members)
{
	struct pmr_holder *holder;
	__u64 cookie;
	__u32 index;

	for (index = 0; index < PMR_MAX_BUCKETS; index++) {
		if (bpf_map_lookup_elem(targets, &index, &cookie))
			continue;
		holder = &list->holders[list->n++];
		snprintf(holder->endpoint, sizeof(holder->endpoint), "%s", name);
		holder->index = index;
		holder->cookie = cookie;
		holder->pid = recorded_pid(members, index, cookie);
	}
}

static int add_endpoint(const char *path, const char *name, void *context,
			struct pmreuseport_error *error)
{
	struct list *list = context;
	struct pmr_holder *grown;
	int targets, members;

	if (list->tcp != (name[0] == 't'))
		return 0;
	targets = pmr_live_open_array(path, name, error);
	if (targets < 0)
		return targets == -ENOENT ? 0 : targets;
	grown = realloc(list->holders, (list->n + PMR_MAX_BUCKETS) * sizeof(*grown));
	if (!grown) {
		close(targets);
		return pmr_error(error, -ENOMEM, "out of memory for a list of members",
				 "free some memory, or raise the limit");
	}
	list->holders = grown;
	members = pmr_members_open(path);
	add_buckets(list, name, targets, members);
	if (members >= 0)
		close(members);
	close(targets);
	return 0;
}

int pmr_members(const char *name, bool tcp, struct pmr_holder **holders, size_t *n,
		struct pmreuseport_error *error)
{
	struct pmr_cluster cluster = {.lock = -1};
	struct list list = {.tcp = tcp};
	int err;

	err = pmr_operate_open(&cluster, name, error);
	if (!err)
		err = pmr_live_each_endpoint(&cluster, add_endpoint, &list, error);
	pmr_cluster_unlock(&cluster);
	if (err) {
		free(list.holders);
		list = (struct list){0};
	}
	*holders = list.holders;
	*n = list.n;
	return err;
}
