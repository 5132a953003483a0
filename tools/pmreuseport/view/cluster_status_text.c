/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "view/cluster_status_text.h"

#include "common/process_text.h"
#include "common/timestamp.h"
#include "view/foreign.h"
#include "view/placement.h"

#include <inttypes.h>
#include <stdio.h>

/* Prints a number, or "-" if it is unknown. */
static void print_number(int width, bool known, uint64_t number)
{
	if (known)
		printf(" %*" PRIu64, width, number);
	else
		printf(" %*s", width, "-");
}

static void print_bucket(const struct cluster_status *cluster, size_t endpoint, unsigned int b)
{
	const struct pmr_endpoint_status *e = &cluster->status.endpoints[endpoint];
	const struct bucket_socket *socket = &cluster->sockets[endpoint][b];
	const struct pmr_member_record *member = &e->bucket[b].member;
	const char *comm = cluster_status_comm(cluster, endpoint, b);
	char text[TIMESTAMP_SIZE];

	printf("%6u %-7s", b, cluster_status_state(&cluster->status, endpoint, b));
	process_print_pid(cluster_status_pid(cluster, endpoint, b),
			  cluster_status_is_hidden(cluster, endpoint, b));
	printf(" %-15s %-19s", *comm ? comm : "-",
	       member->cookie ? cluster_status_since(member, false, text) : "-");
	print_number(6, cluster->status.has_slots, cluster->status.slots[b]);
	print_number(12, e->counted, e->bucket[b].traffic.packets);
	print_number(14, e->counted, e->bucket[b].traffic.bytes);
	if (cluster->has_rates)
		print_number(9, e->counted, cluster->rates[endpoint][b] + 0.5);
	printf(" %5.1f%%", 100 * cluster_status_share(cluster, endpoint, b));
	print_number(9, socket->known, socket->queue);
	print_number(9, socket->known, socket->drops);
	if (e->name[0] == 't')
		print_number(9, socket->sessions_known, socket->sessions);
	putchar('\n');
}

static void print_decisions(const struct pmr_endpoint_status *endpoint)
{
	int d;

	for (d = 0; d < PMR_DECISIONS; d++)
		printf("%s%s %llu", d ? ", " : "", decision_names[d], endpoint->decisions[d]);
	putchar('\n');
}

static void print_reattached(const struct pmr_endpoint_status *endpoint)
{
	unsigned int b;
	__u32 n;

	for (b = 0; b < PMR_MAX_BUCKETS; b++)
		if ((n = endpoint->bucket[b].member.reattached))
			printf("bucket %u found the selector detached %u time%s, and attached it "
			       "again\n",
			       b, n, n == 1 ? "" : "s");
}

/* "hash bucket 2 gets its exporters once it is live in tcp-1790-any-net3" */
static void print_awaited(const struct pmr_status *status)
{
	if (!*status->missing)
		return;
	printf("hash bucket %u gets its exporters once it is live in %s", status->awaited,
	       status->missing);
	if (status->awaited + 1 < status->buckets)
		printf("; the buckets after it wait for it");
	putchar('\n');
}

static bool any_hidden(const struct cluster_status *cluster, size_t endpoint)
{
	bool hidden = false;
	unsigned int b;

	for (b = 0; b < PMR_MAX_BUCKETS; b++)
		hidden |= cluster_status_is_hidden(cluster, endpoint, b);
	return hidden;
}

void cluster_status_print(const struct cluster_status *cluster)
{
	const struct pmr_status *status = &cluster->status;
	bool hidden = false;
	unsigned int b;
	size_t e;

	printf("cluster %s: %u hash buckets, exporters are sent to %u; seed %s; fallback %s; "
	       "%zu pin%s; account %s",
	       cluster->cluster, status->buckets, cluster_status_in_use(status),
	       status->seed.name[0] ? status->seed.name : "unknown",
	       cluster_status_fallback(status), status->pins, status->pins == 1 ? "" : "s",
	       status->account ? "on" : "off");
	if (status->quarantined)
		printf("; %u exporter%s in quarantine", status->quarantined,
		       status->quarantined == 1 ? "" : "s");
	putchar('\n');
	print_awaited(status);
	for (e = 0; e < status->n; e++) {
		printf("\n%s", status->endpoints[e].name);
		if (status->endpoints[e].private_to)
			printf(", private to hash bucket %u", status->endpoints[e].private_to - 1);
		printf("\n%6s %-7s %8s %-15s %-19s %6s %12s %14s%s %6s %9s %9s%s\n", "BUCKET",
		       "STATE", "PID", "COMMAND", "SINCE", "SLOTS", "PACKETS", "BYTES",
		       cluster->has_rates ? "  PACKETS/S" : "", "SHARE", "QUEUE", "DROPS",
		       status->endpoints[e].name[0] == 't' ? "  SESSIONS" : "");
		for (b = 0; b < PMR_MAX_BUCKETS; b++)
			if (cluster_status_state(status, e, b))
				print_bucket(cluster, e, b);
		if (status->endpoints[e].counted)
			print_decisions(&status->endpoints[e]);
		print_reattached(&status->endpoints[e]);
		hidden |= any_hidden(cluster, e);
		foreign_print(&cluster->foreign, e);
	}
	if (hidden)
		printf(PROCESS_HIDDEN_NOTE);
	putchar('\n');
}
