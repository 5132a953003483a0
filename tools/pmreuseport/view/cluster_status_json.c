/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "view/cluster_status_json.h"

#include "common/timestamp.h"
#include "view/foreign.h"
#include "view/placement.h"

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
	const char *comm = cluster_status_comm(cluster, endpoint, b);
	char text[TIMESTAMP_SIZE];

	return json_pack("{s:i, s:s, s:o, s:o, s:s?, s:s?, s:o, s:o, s:o, s:o, s:f, s:o, s:o, s:o, "
			 "s:o, s:o, s:o, s:o}",
			 "bucket", (int)b, "state",
			 cluster_status_state(&cluster->status, endpoint, b), "pid",
			 number_or_null(pid, pid), "other_pid_namespace",
			 member->cookie
				 ? json_boolean(cluster_status_is_hidden(cluster, endpoint, b))
				 : json_null(),
			 "command", *comm ? comm : NULL, "since",
			 member->cookie ? cluster_status_since(member, true, text) : NULL, "slots",
			 number_or_null(cluster->status.has_slots, cluster->status.slots[b]),
			 "packets", number_or_null(e->counted, traffic->packets), "bytes",
			 number_or_null(e->counted, traffic->bytes), "packets_per_second",
			 cluster->has_rates && e->counted ? json_real(cluster->rates[endpoint][b])
							  : json_null(),
			 "share", cluster_status_share(cluster, endpoint, b), "queue",
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
