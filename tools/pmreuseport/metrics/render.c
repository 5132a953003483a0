/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An unknown number has no sample, so that it is not mistaken for zero.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "metrics/render.h"
#include "view/placement.h"

#include <string.h>

/* What a sample describes. */
struct subject {
	const struct cluster_status *shown;
	size_t endpoint;
	unsigned int bucket;
};

/* What has one sample, or one for each value of an extra label. */
enum scope { CLUSTER, BUCKET_OF_CLUSTER, ENDPOINT, BUCKET };

struct family {
	const char *name;
	const char *type;
	const char *help;
	enum scope scope;
	void (*add)(struct exposition *ex, const struct subject *s, enum scope scope);
};

static const struct pmr_endpoint_status *endpoint_of(const struct subject *s)
{
	return &s->shown->status.endpoints[s->endpoint];
}

static const struct pmr_bucket_status *bucket_of(const struct subject *s)
{
	return &endpoint_of(s)->bucket[s->bucket];
}

static const struct bucket_socket *socket_of(const struct subject *s)
{
	return &s->shown->sockets[s->endpoint][s->bucket];
}

static bool is_tcp(const struct subject *s)
{
	return endpoint_of(s)->name[0] == 't';
}

static void begin(struct exposition *ex, const struct subject *s, enum scope scope)
{
	exposition_sample(ex);
	exposition_label(ex, "cluster", s->shown->cluster);
	if (scope == ENDPOINT || scope == BUCKET) {
		exposition_label(ex, "endpoint", endpoint_of(s)->name);
		exposition_label(ex, "protocol", is_tcp(s) ? "tcp" : "udp");
	}
	if (scope == BUCKET_OF_CLUSTER || scope == BUCKET)
		exposition_number(ex, "bucket", s->bucket);
}

static void add(struct exposition *ex, const struct subject *s, enum scope scope, uint64_t value)
{
	begin(ex, s, scope);
	exposition_value(ex, value);
}

static void add_buckets(struct exposition *ex, const struct subject *s, enum scope scope)
{
	add(ex, s, scope, s->shown->status.buckets);
}

static void add_in_use(struct exposition *ex, const struct subject *s, enum scope scope)
{
	add(ex, s, scope, cluster_status_in_use(&s->shown->status));
}

static void add_fallback(struct exposition *ex, const struct subject *s, enum scope scope)
{
	begin(ex, s, scope);
	exposition_label(ex, "fallback", cluster_status_fallback(&s->shown->status));
	exposition_value(ex, 1);
}

static void add_unknown(struct exposition *ex, const struct subject *s, enum scope scope)
{
	add(ex, s, scope, s->shown->unknown.what[0] != '\0');
}

static void add_pins(struct exposition *ex, const struct subject *s, enum scope scope)
{
	add(ex, s, scope, s->shown->status.pins);
}

static void add_quarantined(struct exposition *ex, const struct subject *s, enum scope scope)
{
	if (s->shown->status.has_quarantine)
		add(ex, s, scope, s->shown->status.quarantined);
}

static void add_strikes(struct exposition *ex, const struct subject *s, enum scope scope)
{
	if (s->shown->status.has_quarantine)
		add(ex, s, scope, s->shown->status.strikes);
}

static void add_account(struct exposition *ex, const struct subject *s, enum scope scope)
{
	add(ex, s, scope, s->shown->status.account);
}

static void add_drained(struct exposition *ex, const struct subject *s, enum scope scope)
{
	add(ex, s, scope, pmr_is_drained(&s->shown->status.drained, s->bucket));
}

static void add_slots(struct exposition *ex, const struct subject *s, enum scope scope)
{
	if (s->shown->status.has_slots)
		add(ex, s, scope, s->shown->status.slots[s->bucket]);
}

static void add_decisions(struct exposition *ex, const struct subject *s, enum scope scope)
{
	int d;

	for (d = 0; endpoint_of(s)->counted && d < PMR_DECISIONS; d++) {
		begin(ex, s, scope);
		exposition_label(ex, "decision", decision_names[d]);
		exposition_value(ex, endpoint_of(s)->decisions[d]);
	}
}

static void add_live(struct exposition *ex, const struct subject *s, enum scope scope)
{
	add(ex, s, scope, bucket_of(s)->live);
}

/* All states, so that one that ends becomes 0 instead of vanishing. */
static void add_state(struct exposition *ex, const struct subject *s, enum scope scope)
{
	static const char *const states[] = {"live", "dead", "drained", "awaited", "leaving"};
	const char *state = cluster_status_state(&s->shown->status, s->endpoint, s->bucket);
	size_t i;

	for (i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		begin(ex, s, scope);
		exposition_label(ex, "state", states[i]);
		exposition_value(ex, !strcmp(states[i], state));
	}
}

static void add_info(struct exposition *ex, const struct subject *s, enum scope scope)
{
	const struct pmr_member_record *member = &bucket_of(s)->member;
	const pid_t pid = cluster_status_pid(s->shown, s->endpoint, s->bucket);

	if (!member->cookie)
		return;
	begin(ex, s, scope);
	if (pid)
		exposition_number(ex, "pid", pid);
	exposition_label(ex, "command", member->comm);
	exposition_value(ex, 1);
}

static void add_joined(struct exposition *ex, const struct subject *s, enum scope scope)
{
	if (!bucket_of(s)->member.cookie)
		return;
	begin(ex, s, scope);
	exposition_ns(ex, bucket_of(s)->member.joined_ns);
}

static void add_packets(struct exposition *ex, const struct subject *s, enum scope scope)
{
	if (endpoint_of(s)->counted)
		add(ex, s, scope, bucket_of(s)->traffic.packets);
}

static void add_bytes(struct exposition *ex, const struct subject *s, enum scope scope)
{
	if (endpoint_of(s)->counted)
		add(ex, s, scope, bucket_of(s)->traffic.bytes);
}

static void add_queue(struct exposition *ex, const struct subject *s, enum scope scope)
{
	if (socket_of(s)->known && !is_tcp(s))
		add(ex, s, scope, socket_of(s)->queue);
}

static void add_backlog(struct exposition *ex, const struct subject *s, enum scope scope)
{
	if (socket_of(s)->known && is_tcp(s))
		add(ex, s, scope, socket_of(s)->queue);
}

static void add_drops(struct exposition *ex, const struct subject *s, enum scope scope)
{
	if (socket_of(s)->known)
		add(ex, s, scope, socket_of(s)->drops);
}

static void add_sessions(struct exposition *ex, const struct subject *s, enum scope scope)
{
	if (socket_of(s)->sessions_known)
		add(ex, s, scope, socket_of(s)->sessions);
}

static void add_max_sessions(struct exposition *ex, const struct subject *s, enum scope scope)
{
	if (bucket_of(s)->member.max_sessions)
		add(ex, s, scope, bucket_of(s)->member.max_sessions);
}

static void add_open_files(struct exposition *ex, const struct subject *s, enum scope scope)
{
	if (socket_of(s)->open_files)
		add(ex, s, scope, socket_of(s)->open_files);
}

static void add_files_limit(struct exposition *ex, const struct subject *s, enum scope scope)
{
	if (socket_of(s)->open_files)
		add(ex, s, scope, socket_of(s)->files_limit);
}

static void add_reattached(struct exposition *ex, const struct subject *s, enum scope scope)
{
	if (cluster_status_checks_selector(endpoint_of(s), s->bucket))
		add(ex, s, scope, bucket_of(s)->member.reattached);
}

static const struct family families[] = {
	{"pmreuseport_buckets", "gauge", "Hash buckets of the cluster.", CLUSTER, add_buckets},
	{"pmreuseport_buckets_in_use", "gauge", "Hash buckets that exporters are sent to.", CLUSTER,
	 add_in_use},
	{"pmreuseport_cluster_info", "gauge",
	 "How the exporters of a dead bucket are handled: rehash or drop.", CLUSTER, add_fallback},
	{"pmreuseport_unknown", "gauge", "Whether some data about the sockets is not available.",
	 CLUSTER, add_unknown},
	{"pmreuseport_pins", "gauge", "Prefixes that are pinned to a bucket, or dropped.", CLUSTER,
	 add_pins},
	{"pmreuseport_quarantined", "gauge", "Exporters in quarantine.", CLUSTER, add_quarantined},
	{"pmreuseport_strikes_total", "counter",
	 "Instances that died while they decoded what an exporter had sent.", CLUSTER, add_strikes},
	{"pmreuseport_account", "gauge", "Whether exporters are counted.", CLUSTER, add_account},
	{"pmreuseport_bucket_drained", "gauge", "Whether the bucket is drained.", BUCKET_OF_CLUSTER,
	 add_drained},
	{"pmreuseport_bucket_slots", "gauge", "Slots of the bucket, of 16384.", BUCKET_OF_CLUSTER,
	 add_slots},
	{"pmreuseport_decisions_total", "counter", "Decisions of the kernel.", ENDPOINT,
	 add_decisions},
	{"pmreuseport_bucket_live", "gauge", "Whether the bucket has a socket.", BUCKET, add_live},
	{"pmreuseport_bucket_state", "gauge",
	 "The state of the bucket: 1 for the current one, 0 for the others.", BUCKET, add_state},
	{"pmreuseport_bucket_info", "gauge", "The process that put the socket into the bucket.",
	 BUCKET, add_info},
	{"pmreuseport_bucket_joined_timestamp_seconds", "gauge",
	 "When the socket was put into the bucket.", BUCKET, add_joined},
	{"pmreuseport_bucket_packets_total", "counter",
	 "Datagrams, or new TCP connections, that the bucket received.", BUCKET, add_packets},
	{"pmreuseport_bucket_bytes_total", "counter",
	 "Bytes of these packets, including the transport header.", BUCKET, add_bytes},
	{"pmreuseport_socket_queue_bytes", "gauge", "Memory of the data in the receive queue.",
	 BUCKET, add_queue},
	{"pmreuseport_socket_backlog", "gauge", "Connections that are not yet accepted.", BUCKET,
	 add_backlog},
	{"pmreuseport_socket_drops_total", "counter",
	 "Packets dropped by the socket since it was opened.", BUCKET, add_drops},
	{"pmreuseport_reattached_total", "counter",
	 "How often the instance found the selector detached, and attached it again.", BUCKET,
	 add_reattached},
	{"pmreuseport_sessions", "gauge", "Established TCP sessions of the process in the bucket.",
	 BUCKET, add_sessions},
	{"pmreuseport_max_sessions", "gauge",
	 "Established TCP sessions that the process in the bucket takes.", BUCKET,
	 add_max_sessions},
	{"pmreuseport_open_files", "gauge", "Open files of the process in the bucket.", BUCKET,
	 add_open_files},
	{"pmreuseport_open_files_limit", "gauge",
	 "Limit of open files of the process in the bucket.", BUCKET, add_files_limit},
};

/* The samples of one family for one cluster. */
static void add_cluster(struct exposition *ex, const struct family *f,
			const struct cluster_status *shown)
{
	const struct pmr_status *status = &shown->status;
	struct subject s = {.shown = shown};
	unsigned int *b = &s.bucket;

	if (f->scope == CLUSTER)
		f->add(ex, &s, f->scope);
	for (*b = 0; f->scope == BUCKET_OF_CLUSTER && *b < PMR_MAX_BUCKETS; ++*b)
		if (*b < status->buckets || status->slots[*b])
			f->add(ex, &s, f->scope);
	for (; f->scope >= ENDPOINT && s.endpoint < status->n; s.endpoint++) {
		if (f->scope == ENDPOINT)
			f->add(ex, &s, f->scope);
		for (*b = 0; f->scope == BUCKET && *b < PMR_MAX_BUCKETS; ++*b)
			if (cluster_status_state(status, s.endpoint, *b))
				f->add(ex, &s, f->scope);
	}
}

void metrics_render(struct exposition *ex, const struct clusters *clusters)
{
	size_t f, c;

	exposition_family(ex, "pmreuseport_build_info", "gauge", "The version of this program.");
	exposition_sample(ex);
	exposition_label(ex, "version", PACKAGE_VERSION);
	exposition_value(ex, 1);
	for (f = 0; f < sizeof(families) / sizeof(families[0]); f++) {
		exposition_family(ex, families[f].name, families[f].type, families[f].help);
		for (c = 0; c < clusters->n; c++)
			add_cluster(ex, &families[f], &clusters->list[c]);
	}
}
