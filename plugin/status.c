// SPDX-License-Identifier: GPL-2.0-or-later
/* What there is to know of a cluster: who is in its buckets, and what they were given. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "cluster.h"
#include "counters.h"
#include "drained.h"
#include "endpoint_dir.h"
#include "error.h"
#include "live_sockets.h"
#include "pin_maps.h"
#include "process_name.h"
#include "processes.h"
#include "records.h"
#include "seed.h"
#include "sharing.h"
#include "slots.h"
#include "status.h"
#include "strikes.h"

static int read_counters(const char *path, struct pmr_endpoint_status *status,
			 struct pmreuseport_error *error)
{
	struct pmr_counted counted;
	int err = pmr_counters_read(path, &counted, error);
	__u32 index;

	for (index = 0; index < PMR_MAX_BUCKETS; index++)
		status->bucket[index].traffic = counted.bucket[index];
	memcpy(status->decisions, counted.decisions, sizeof(status->decisions));
	status->counted = !err;
	return err == -ENOENT ? 0 : err;
}

static void read_members(const char *path, struct pmr_endpoint_status *status,
			 struct pmr_processes *processes)
{
	int members = pmr_records_open(path);
	struct pmr_member_record record;
	__u32 index;

	for (index = 0; members >= 0 && index < PMR_MAX_BUCKETS; index++) {
		struct pmr_bucket_status *bucket = &status->bucket[index];

		if (bucket->live && pmr_record_read(members, index, bucket->cookie, &record)) {
			pmr_clean_name(record.comm, sizeof(record.comm));
			bucket->elsewhere = !pmr_processes_locate(processes, &record);
			bucket->member = record;
		}
	}
	if (members >= 0)
		close(members);
}

struct reading {
	struct pmr_status *status;
	struct pmr_processes processes;
};

static int read_endpoint(const char *path, const char *name, void *context,
			 struct pmreuseport_error *error)
{
	struct reading *reading = context;
	struct pmr_status *status = reading->status;
	struct pmr_endpoint_status *endpoint;
	int targets;
	__u32 index;

	targets = pmr_endpoint_open_array(path, name, error);
	if (targets < 0)
		return targets == -ENOENT ? 0 : targets;
	endpoint = realloc(status->endpoints, (status->n + 1) * sizeof(*endpoint));
	if (!endpoint) {
		close(targets);
		return pmr_error(error, -ENOMEM, "out of memory for a list of endpoints",
				 "add memory, or raise the memory limit");
	}
	status->endpoints = endpoint;
	endpoint = &status->endpoints[status->n++];
	memset(endpoint, 0, sizeof(*endpoint));
	snprintf(endpoint->name, sizeof(endpoint->name), "%s", name);
	for (index = 0; index < PMR_MAX_BUCKETS; index++)
		endpoint->bucket[index].live =
			!bpf_map_lookup_elem(targets, &index, &endpoint->bucket[index].cookie);
	close(targets);
	read_members(path, endpoint, &reading->processes);
	return read_counters(path, endpoint, error);
}

/* How many slots each bucket has. */
static int count_slots(const struct pmr_cluster *cluster, struct pmr_status *status,
		       struct pmreuseport_error *error)
{
	pmr_slot_t *slots;
	__u32 s;
	int err;

	err = pmr_slots_of(cluster, &slots, error);
	if (!slots)
		return err;
	for (s = 0; s < PMR_SLOTS; s++)
		if (slots[s] && slots[s] <= PMR_MAX_BUCKETS)
			status->slots[slots[s] - 1]++;
	status->has_slots = true;
	free(slots);
	return 0;
}

/* The first bucket without slots, and why it has none. */
static int find_awaited(const struct pmr_cluster *cluster, struct pmr_status *status,
			struct pmreuseport_error *error)
{
	unsigned int first = 0, end = status->buckets;
	int err;

	while (first < end && status->slots[first])
		first++;
	if (!status->has_slots || first == end)
		return 0;
	err = pmr_live_everywhere(cluster, first, &end, status->missing, error);
	/* It has what it waits for: the next join gives it slots. */
	if (!err && end > first)
		*status->missing = '\0';
	status->awaited = first;
	return err;
}

static int find_private(const struct pmr_cluster *cluster, struct pmr_status *status,
			struct pmreuseport_error *error)
{
	struct pmr_sharing sharing;
	int err = pmr_sharing_read(cluster, &sharing, error);
	size_t e;

	for (e = 0; e < status->n; e++)
		status->endpoints[e].private_to =
			pmr_private_to(&sharing, status->endpoints[e].name);
	pmr_sharing_free(&sharing);
	return err;
}

static int read_strikes(const struct pmr_cluster *cluster, struct pmr_status *status,
			struct pmreuseport_error *error)
{
	struct pmr_struck rows[PMR_MAX_STRUCK];
	struct pmr_strikes *table;
	unsigned int n, i;
	int err;

	err = pmr_strikes_map(cluster, &table, error);
	if (!table)
		return err;
	n = pmr_strikes_copy(table, rows);
	for (i = 0; i < n; i++)
		status->quarantined += !!rows[i].since_ns;
	status->strikes = table->total;
	status->has_quarantine = true;
	pmr_strikes_unmap(table);
	return 0;
}

static int by_name(const void *left, const void *right)
{
	const struct pmr_endpoint_status *a = left, *b = right;

	/* UDP first. */
	return strcmp(b->name, a->name);
}

int pmr_status_read(struct pmr_status *status, const char *name, struct pmreuseport_error *error)
{
	struct pmr_cluster cluster = {.lock = -1};
	struct reading reading = {.status = status};
	int err;

	memset(status, 0, sizeof(*status));
	err = pmr_cluster_open(&cluster, name, PMR_LOCK_SHARED, error);
	if (!err) {
		status->buckets = pmr_cluster_number(&cluster, "size");
		status->drop = pmr_cluster_number(&cluster, "fallback") == PMREUSEPORT_DROP;
		pmr_seed_read(&cluster, &status->seed);
		pmr_drained_read(&cluster, &status->drained);
		status->pins = pmr_pins_count(&cluster);
		status->account = pmr_cluster_number(&cluster, "account");
		err = count_slots(&cluster, status, error);
	}
	if (!err)
		err = read_strikes(&cluster, status, error);
	if (!err)
		err = pmr_endpoint_each(&cluster, read_endpoint, &reading, error);
	if (!err)
		err = find_private(&cluster, status, error);
	if (!err)
		err = find_awaited(&cluster, status, error);
	pmr_cluster_unlock(&cluster);
	pmr_processes_free(&reading.processes);
	if (status->n)
		qsort(status->endpoints, status->n, sizeof(*status->endpoints), by_name);
	return err;
}

void pmr_status_free(struct pmr_status *status)
{
	free(status->endpoints);
	memset(status, 0, sizeof(*status));
}
