/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "view/cluster_status.h"

#include "common/timestamp.h"

#include <errno.h>
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

double cluster_status_share(const struct cluster_status *cluster, size_t endpoint, unsigned int b)
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

const char *cluster_status_since(const struct pmr_member_record *member, bool for_json,
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

const char *cluster_status_comm(const struct cluster_status *cluster, size_t endpoint,
				unsigned int b)
{
	const struct pmr_member_record *member =
		&cluster->status.endpoints[endpoint].bucket[b].member;

	return member->cookie ? member->comm : cluster->sockets[endpoint][b].comm;
}

bool cluster_status_is_hidden(const struct cluster_status *cluster, size_t endpoint, unsigned int b)
{
	return cluster->status.endpoints[endpoint].bucket[b].elsewhere &&
	       !cluster_status_pid(cluster, endpoint, b);
}

bool cluster_status_checks_selector(const struct pmr_endpoint_status *endpoint, unsigned int b)
{
	return endpoint->name[0] == 'u' && endpoint->counted && endpoint->bucket[b].member.cookie;
}
