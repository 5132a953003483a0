/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Behind NAT, a proxy or the bridge of Docker, all routers have one address: one instance gets
 * what they send, and the others get nothing.
 */
#include "doctor/check_sources.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "operator.h"
#include "sockets/sessions.h"

/* A router may have several sessions, and a few packets say nothing about the rest. */
#define SESSIONS_MIN 5
#define PACKETS_MIN 100

/* The address that most come from. */
struct most {
	struct pmr_source source;
	uint64_t n;
	uint64_t all;
};

static bool is_most(const struct most *most, uint64_t minimum)
{
	return most->n >= minimum && most->n > most->all / 2;
}

static void advise(struct findings *findings)
{
	findings_fix(findings, "if these are several routers, keep their addresses: NAT, a proxy "
			       "and a Docker bridge hide them; run containers with the host "
			       "network, and let a proxy keep the source address");
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct pmr_source));
}

static struct most most_of(struct pmr_source *sources, size_t n)
{
	struct most most = {.all = n};
	size_t i, first = 0;

	if (n)
		qsort(sources, n, sizeof(*sources), compare);
	for (i = 0; i < n; i++) {
		if (!pmr_same_source(&sources[i], &sources[first]))
			first = i;
		if (i - first + 1 > most.n) {
			most.n = i - first + 1;
			most.source = sources[i];
		}
	}
	return most;
}

/* BMP and BGP sessions of a router are separate. */
static void check_endpoint(struct findings *findings, const char *cluster,
			   const struct sessions *sessions, size_t endpoint,
			   struct pmr_source *sources)
{
	char text[PMR_SOURCE_TEXT];
	struct most most;
	size_t i, n = 0;

	for (i = 0; i < sessions->n; i++)
		if (sessions->list[i].endpoint == endpoint)
			sources[n++] = pmr_source_of(sessions->list[i].sk.family,
						     sessions->list[i].sk.id.idiag_dst);
	most = most_of(sources, n);
	if (!is_most(&most, SESSIONS_MIN))
		return;
	findings_add(findings, "sources", FINDING_WARN,
		     "%llu of %llu sessions of %s in cluster \"%s\" are from %s, so one instance "
		     "has them",
		     (unsigned long long)most.n, (unsigned long long)most.all,
		     sessions->endpoints[endpoint].name, cluster,
		     pmr_source_text(&most.source, text));
	advise(findings);
}

static void check_sessions(struct findings *findings, const char *cluster)
{
	struct pmr_source *sources = NULL;
	struct sessions sessions = {0};
	struct diag diag;
	size_t i;

	if (diag_open(&diag, NULL))
		return;
	/* Who has a session is not asked, so a failure to tell does not matter. */
	sessions_read(&sessions, &diag, cluster, NULL);
	diag_close(&diag);
	sources = calloc(sessions.n + 1, sizeof(*sources));
	for (i = 0; sources && i < sessions.n_endpoints; i++)
		check_endpoint(findings, cluster, &sessions, i, sources);
	free(sources);
	sessions_free(&sessions);
}

/* They are counted only while "account" is on. */
static void check_packets(struct findings *findings, const char *cluster)
{
	struct pmr_accounts accounts = {0};
	char text[PMR_SOURCE_TEXT];
	struct most most = {0};
	size_t i;

	if (pmr_account_read(cluster, &accounts, NULL))
		accounts.n = 0;
	most.all = accounts.uncounted.packets;
	for (i = 0; i < accounts.n; i++) {
		const struct pmr_exporter *exporter = &accounts.list[i];

		most.all += exporter->account.traffic.packets;
		if (exporter->account.traffic.packets <= most.n)
			continue;
		most.n = exporter->account.traffic.packets;
		most.source = exporter->source;
	}
	free(accounts.list);
	if (!is_most(&most, PACKETS_MIN))
		return;
	findings_add(findings, "sources", FINDING_WARN,
		     "%llu %% of the packets that cluster \"%s\" has counted are from %s, so one "
		     "instance gets them",
		     (unsigned long long)(most.n * 100 / most.all), cluster,
		     pmr_source_text(&most.source, text));
	advise(findings);
}

static bool has_several_instances(const char *cluster)
{
	struct pmr_status status = {0};
	unsigned int live = 0, b;
	size_t e;

	if (pmr_status_read(&status, cluster, NULL))
		status.n = 0;
	for (e = 0; e < status.n && live < 2; e++)
		for (b = 0, live = 0; b < PMR_MAX_BUCKETS; b++)
			live += status.endpoints[e].bucket[b].live;
	pmr_status_free(&status);
	return live > 1;
}

void check_sources(struct findings *findings)
{
	char(*names)[PMREUSEPORT_CLUSTER_NAME_MAX + 1] = NULL;
	size_t n = 0, i;

	if (pmr_clusters(&names, &n, NULL))
		return;
	for (i = 0; i < n; i++) {
		if (!has_several_instances(names[i]))
			continue;
		check_sessions(findings, names[i]);
		check_packets(findings, names[i]);
	}
	free(names);
}
