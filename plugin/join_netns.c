// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "endpoint.h"
#include "endpoint_dir.h"
#include "error.h"
#include "join_netns.h"
#include "live_sockets.h"
#include "process_name.h"
#include "processes.h"
#include "records.h"

/* "net3" of "udp-2055-any6-net3" */
static const char *net_of(const char *endpoint_name)
{
	const char *net = strrchr(endpoint_name, '-');

	return net ? net + 1 : endpoint_name;
}

/* ", process 4711 (nfacctd)" of the first live bucket that has a record; "" if none has. */
static void describe_member(const struct pmr_cluster *cluster, const char *name, char *text,
			    size_t size)
{
	char path[PMR_DIR_PATH_MAX];
	struct pmr_processes processes = {0};
	struct pmr_member_record record;
	int targets, members;
	__u64 cookie;
	__u32 index;
	bool here;

	snprintf(path, sizeof(path), "%s/%s", cluster->path, name);
	targets = pmr_endpoint_open_array(path, name, NULL);
	members = pmr_records_open(path);
	text[0] = '\0';
	for (index = 0; targets >= 0 && !text[0] && index < PMR_MAX_BUCKETS; index++) {
		if (bpf_map_lookup_elem(targets, &index, &cookie) ||
		    !pmr_record_read(members, index, cookie, &record))
			continue;
		pmr_clean_name(record.comm, sizeof(record.comm));
		here = pmr_processes_locate(&processes, &record);
		snprintf(text, size, ", process %u (%s)%s", record.pid, record.comm,
			 here ? "" : " of another pid namespace");
	}
	pmr_processes_free(&processes);
	if (members >= 0)
		close(members);
	if (targets >= 0)
		close(targets);
}

static bool is_elsewhere(const char *endpoint_name, const char *name)
{
	return !pmr_endpoint_same_netns(endpoint_name, name);
}

int pmr_join_check_netns(const struct pmr_cluster *cluster, const char *endpoint_name,
			 struct pmreuseport_error *error)
{
	char found[PMR_ENDPOINT_NAME_SIZE], who[80];
	int ret = pmr_live_endpoint(cluster, is_elsewhere, endpoint_name, found, error);

	if (ret <= 0)
		return ret;
	describe_member(cluster, found, who, sizeof(who));
	return pmr_refuse(error, PMREUSEPORT_OTHER_NETNS, -EEXIST,
			  "cluster \"%s\" is live in network namespace %s (%s%s), and cannot have "
			  "members in network namespace %s",
			  "run all members of a cluster in one network namespace, or set another "
			  "cluster_name in this one",
			  cluster->name, net_of(found), found, who, net_of(endpoint_name));
}

int pmr_join_check_netns_pair(const char *a, const char *b, struct pmreuseport_error *error)
{
	if (pmr_endpoint_same_netns(a, b))
		return 0;
	return pmr_refuse(error, PMREUSEPORT_OTHER_NETNS, -EEXIST,
			  "the sockets of this instance are in two network namespaces: %s and %s",
			  "join with the sockets of one network namespace", a, b);
}
