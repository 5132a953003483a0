/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "view/cluster_status.h"

#include "common/process_text.h"
#include "common/timestamp.h"
#include "view/foreign.h"
#include "view/placement.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int cluster_status_read(struct cluster_status *cluster, const char *name,
			struct pmreuseport_error *error)
{
	struct pmreuseport_error why = {0};
	struct pmr_status *status = &cluster->status;
	int err;

	memset(cluster, 0, sizeof(*cluster));
	snprintf(cluster->cluster, sizeof(cluster->cluster), "%s", name);
	err = pmr_status_read(status, name, error);
	if (err)
		return err;
	cluster->sockets = calloc(status->n + 1, sizeof(*cluster->sockets));
	cluster->rates = calloc(status->n + 1, sizeof(*cluster->rates));
	if (!cluster->sockets || !cluster->rates)
		return pmr_error(error, -ENOMEM, "out of memory for the sockets",
				 "add memory, or raise the memory limit");
	sockets_read(cluster->sockets, status, name, &why);
	foreign_sockets_read(&cluster->foreign, status, &why);
	if (why.what[0])
		pmr_error(&cluster->unknown, 0, "not all is known of the sockets: %s", "%s",
			  why.what, why.advice);
	return 0;
}

void cluster_status_free(struct cluster_status *cluster)
{
	pmr_status_free(&cluster->status);
	foreign_sockets_free(&cluster->foreign);
	free(cluster->sockets);
	free(cluster->rates);
	memset(cluster, 0, sizeof(*cluster));
}

/* A lower count: the cluster was removed and created again. */
static double rate_of(__u64 before, __u64 now, double seconds)
{
	return (now < before ? now : now - before) / seconds;
}

void cluster_status_set_rates(struct cluster_status *cluster, const struct cluster_status *before,
			      double seconds)
{
	const struct pmr_status *now = &cluster->status, *then = &before->status;
	size_t e;
	int b;

	if (strcmp(cluster->cluster, before->cluster) || now->n != then->n)
		return;
	for (e = 0; e < now->n; e++)
		if (strcmp(now->endpoints[e].name, then->endpoints[e].name))
			return;
	for (e = 0; e < now->n; e++)
		for (b = 0; b < PMR_MAX_BUCKETS; b++)
			cluster->rates[e][b] =
				rate_of(then->endpoints[e].bucket[b].traffic.packets,
					now->endpoints[e].bucket[b].traffic.packets, seconds);
	cluster->has_rates = true;
}

unsigned int cluster_status_in_use(const struct pmr_status *status)
{
	unsigned int n = 0, b;

	for (b = 0; b < PMR_MAX_BUCKETS; b++)
		n += status->slots[b] > 0;
	return status->has_slots ? n : status->buckets;
}

const char *cluster_status_state(const struct pmr_status *status, size_t endpoint, unsigned int b)
{
	const unsigned int private_to = status->endpoints[endpoint].private_to;
	const bool live = status->endpoints[endpoint].bucket[b].live;

	if (b >= status->buckets)
		return live ? "leaving" : NULL;
	if (private_to)
		return private_to != b + 1 ? NULL : live ? "live" : "dead";
	if (status->has_slots && !status->slots[b])
		return "awaited";
	if (live && pmr_is_drained(&status->drained, b))
		return "drained";
	return live ? "live" : "dead";
}

const char *cluster_status_fallback(const struct pmr_status *status)
{
	return status->drop ? "drop" : "rehash";
}

/* The share of the bucket in the rates of its endpoint or, without rates, in its counters. */
static double share_of(const struct cluster_status *cluster, size_t endpoint, unsigned int b)
{
	const struct pmr_endpoint_status *e = &cluster->status.endpoints[endpoint];
	double all = 0, part;
	unsigned int i;

	for (i = 0; i < PMR_MAX_BUCKETS; i++)
		all += cluster->has_rates ? cluster->rates[endpoint][i]
					  : e->bucket[i].traffic.packets;
	part = cluster->has_rates ? cluster->rates[endpoint][b] : e->bucket[b].traffic.packets;
	return all ? part / all : 0;
}

static const char *since(const struct pmr_member_record *member, bool for_json,
			 char text[TIMESTAMP_SIZE])
{
	return timestamp(member->joined_ns / 1000000000, for_json, text);
}

pid_t cluster_status_pid(const struct cluster_status *cluster, size_t endpoint, unsigned int b)
{
	const struct pmr_bucket_status *bucket = &cluster->status.endpoints[endpoint].bucket[b];

	if (cluster->sockets[endpoint][b].pid)
		return cluster->sockets[endpoint][b].pid;
	return bucket->elsewhere ? 0 : bucket->member.pid;
}

/* Its name; empty: unknown. */
static const char *comm_of(const struct cluster_status *cluster, size_t endpoint, unsigned int b)
{
	const struct pmr_member_record *member =
		&cluster->status.endpoints[endpoint].bucket[b].member;

	return member->cookie ? member->comm : cluster->sockets[endpoint][b].comm;
}

static bool is_hidden(const struct cluster_status *cluster, size_t endpoint, unsigned int b)
{
	return cluster->status.endpoints[endpoint].bucket[b].elsewhere &&
	       !cluster_status_pid(cluster, endpoint, b);
}

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
	const char *comm = comm_of(cluster, endpoint, b);
	char text[TIMESTAMP_SIZE];

	printf("%6u %-7s", b, cluster_status_state(&cluster->status, endpoint, b));
	process_print_pid(cluster_status_pid(cluster, endpoint, b),
			  is_hidden(cluster, endpoint, b));
	printf(" %-15s %-19s", *comm ? comm : "-",
	       member->cookie ? since(member, false, text) : "-");
	print_number(6, cluster->status.has_slots, cluster->status.slots[b]);
	print_number(12, e->counted, e->bucket[b].traffic.packets);
	print_number(14, e->counted, e->bucket[b].traffic.bytes);
	if (cluster->has_rates)
		print_number(9, e->counted, cluster->rates[endpoint][b] + 0.5);
	printf(" %5.1f%%", 100 * share_of(cluster, endpoint, b));
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
		hidden |= is_hidden(cluster, endpoint, b);
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

bool cluster_status_checks_selector(const struct pmr_endpoint_status *endpoint, unsigned int b)
{
	return endpoint->name[0] == 'u' && endpoint->counted && endpoint->bucket[b].member.cookie;
}

static json_t *number_or_null(bool known, uint64_t number)
{
	return known ? json_integer(number) : json_null();
}

static json_t *bucket_json(const struct cluster_status *cluster, size_t endpoint, unsigned int b)
{
	const struct pmr_endpoint_status *e = &cluster->status.endpoints[endpoint];
	const struct bucket_socket *socket = &cluster->sockets[endpoint][b];
	const struct pmr_member_record *member = &e->bucket[b].member;
	const struct pmr_traffic *traffic = &e->bucket[b].traffic;
	const pid_t pid = cluster_status_pid(cluster, endpoint, b);
	const char *comm = comm_of(cluster, endpoint, b);
	char text[TIMESTAMP_SIZE];

	return json_pack("{s:i, s:s, s:o, s:o, s:s?, s:s?, s:o, s:o, s:o, s:o, s:f, s:o, s:o, s:o, "
			 "s:o, s:o, s:o, s:o}",
			 "bucket", (int)b, "state",
			 cluster_status_state(&cluster->status, endpoint, b), "pid",
			 number_or_null(pid, pid), "other_pid_namespace",
			 member->cookie ? json_boolean(is_hidden(cluster, endpoint, b))
					: json_null(),
			 "command", *comm ? comm : NULL, "since",
			 member->cookie ? since(member, true, text) : NULL, "slots",
			 number_or_null(cluster->status.has_slots, cluster->status.slots[b]),
			 "packets", number_or_null(e->counted, traffic->packets), "bytes",
			 number_or_null(e->counted, traffic->bytes), "packets_per_second",
			 cluster->has_rates && e->counted ? json_real(cluster->rates[endpoint][b])
							  : json_null(),
			 "share", share_of(cluster, endpoint, b), "queue",
			 number_or_null(socket->known, socket->queue), "drops",
			 number_or_null(socket->known, socket->drops), "sessions",
			 number_or_null(socket->sessions_known, socket->sessions), "max_sessions",
			 number_or_null(member->max_sessions, member->max_sessions), "open_files",
			 number_or_null(socket->open_files, socket->open_files), "open_files_limit",
			 number_or_null(socket->open_files, socket->files_limit), "reattached",
			 number_or_null(cluster_status_checks_selector(e, b), member->reattached));
}

static json_t *endpoint_json(const struct cluster_status *cluster, size_t endpoint)
{
	const struct pmr_endpoint_status *e = &cluster->status.endpoints[endpoint];
	json_t *buckets = json_array(), *decisions = e->counted ? json_object() : json_null();
	int bad = 0, d;
	unsigned int b;

	for (b = 0; b < PMR_MAX_BUCKETS; b++)
		if (cluster_status_state(&cluster->status, endpoint, b))
			bad |= json_array_append_new(buckets, bucket_json(cluster, endpoint, b));
	for (d = 0; e->counted && d < PMR_DECISIONS; d++)
		bad |= json_object_set_new(decisions, decision_names[d],
					   json_integer(e->decisions[d]));
	if (bad) {
		json_decref(buckets);
		json_decref(decisions);
	}
	return bad ? NULL
		   : json_pack("{s:s, s:o, s:o, s:o, s:o}", "endpoint", e->name, "private_to",
			       number_or_null(e->private_to, e->private_to - 1), "buckets", buckets,
			       "decisions", decisions, "foreign",
			       foreign_json(&cluster->foreign, endpoint));
}

/* The first bucket without slots, and the endpoint that it waits for; null: none waits. */
static json_t *awaited_json(const struct pmr_status *status)
{
	if (!*status->missing)
		return json_null();
	return json_pack("{s:i, s:s}", "bucket", (int)status->awaited, "endpoint", status->missing);
}

json_t *cluster_status_json(const struct cluster_status *cluster)
{
	json_t *endpoints = json_array();
	int bad = 0;
	size_t e;

	for (e = 0; e < cluster->status.n; e++)
		bad |= json_array_append_new(endpoints, endpoint_json(cluster, e));
	if (!bad)
		return json_pack("{s:s, s:i, s:i, s:o, s:s?, s:s, s:i, s:o, s:o, s:b, s:o}",
				 "cluster", cluster->cluster, "count", (int)cluster->status.buckets,
				 "in_use", (int)cluster_status_in_use(&cluster->status), "awaited",
				 awaited_json(&cluster->status), "seed",
				 cluster->status.seed.name[0] ? cluster->status.seed.name : NULL,
				 "fallback", cluster_status_fallback(&cluster->status), "pin_count",
				 (int)cluster->status.pins, "quarantined",
				 number_or_null(cluster->status.has_quarantine,
						cluster->status.quarantined),
				 "strikes",
				 number_or_null(cluster->status.has_quarantine,
						cluster->status.strikes),
				 "account", cluster->status.account, "endpoints", endpoints);
	json_decref(endpoints);
	return NULL;
}
