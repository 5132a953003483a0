/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ports of an instance: whether it may open them, and which sockets have them now. */
#include "doctor/check_ports.h"

#include <errno.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor/capabilities.h"
#include "doctor/sysctl.h"
#include "operator.h"
#include "sockets/diag.h"

static const struct {
	const char *ip; /* key of the address; not set: all addresses */
	const char *name;
	int protocol;
	int state;
} sockets[PORTS] = {
	[PORT_FLOWS] = {"nfacctd_ip", "UDP", IPPROTO_UDP, TCP_CLOSE},
	[PORT_BMP] = {"bmp_daemon_ip", "TCP", IPPROTO_TCP, TCP_LISTEN},
	[PORT_BGP] = {"bgp_daemon_ip", "TCP", IPPROTO_TCP, TCP_LISTEN},
};

/* All clusters of this user, with the sockets in their buckets. */
struct clusters {
	char (*names)[PMREUSEPORT_CLUSTER_NAME_MAX + 1];
	struct pmr_status *status;
	size_t n;
	bool known; /* this process may read them, without waiting for the lock */
};

static void clusters_read(struct clusters *clusters, const struct instance *instance)
{
	size_t i;

	clusters->known = may_load_bpf() && !instance->lock_is_held;
	if (!clusters->known)
		return;
	pmr_clusters(&clusters->names, &clusters->n, NULL);
	clusters->status = calloc(clusters->n + 1, sizeof(*clusters->status));
	if (!clusters->status)
		clusters->n = 0;
	for (i = 0; i < clusters->n; i++)
		pmr_status_read(&clusters->status[i], clusters->names[i], NULL);
}

static void clusters_free(struct clusters *clusters)
{
	while (clusters->status && clusters->n--)
		pmr_status_free(&clusters->status[clusters->n]);
	free(clusters->status);
	free(clusters->names);
}

/* The cluster that has a socket in a bucket; NULL: none. */
static const char *cluster_of(const struct clusters *clusters, uint64_t cookie)
{
	const struct pmr_bucket_status *bucket;
	size_t i, e;
	int b;

	for (i = 0; i < clusters->n; i++)
		for (e = 0; e < clusters->status[i].n; e++)
			for (b = 0; b < PMR_MAX_BUCKETS; b++) {
				bucket = &clusters->status[i].endpoints[e].bucket[b];
				if (bucket->live && bucket->cookie == cookie)
					return clusters->names[i];
			}
	return NULL;
}

struct found {
	const struct clusters *clusters;
	const char *own;	/* cluster */
	const char *other;	/* cluster that has the port */
	unsigned int alone;	/* sockets in no bucket */
	unsigned int strangers; /* sockets of other users */
	unsigned int stranger;	/* one of these */
};

static int look_at(const struct diag_socket *sk, void *context)
{
	struct found *found = context;
	const char *cluster = cluster_of(found->clusters, sk->cookie);

	if (sk->user != geteuid()) {
		found->strangers++;
		found->stranger = sk->user;
	} else if (!cluster) {
		found->alone += found->clusters->known;
	} else if (strcmp(cluster, found->own)) {
		found->other = cluster;
	}
	return 0;
}

static void check_port(struct findings *findings, const struct instance *instance, int p,
		       const struct found *found)
{
	const char *file = instance->file, *name = sockets[p].name;
	const unsigned int port = instance->ports[p];

	if (found->strangers) {
		findings_add(findings, "ports", FINDING_FAIL,
			     "%s port %u of %s is open for user %u, and user %u cannot share it, "
			     "as all sockets must be of one user",
			     name, port, file, found->stranger, (unsigned int)geteuid());
		findings_fix(findings, "run all instances, and this command, as one user");
	}
	if (found->other) {
		findings_add(findings, "ports", FINDING_FAIL,
			     "%s port %u of %s is already balanced by cluster \"%s\"", name, port,
			     file, found->other);
		findings_fix(findings, "set cluster_name to that cluster, or use another port");
	}
	if (found->alone) {
		findings_add(findings, "ports", FINDING_WARN,
			     "%s port %u of %s is open in a program outside the cluster: it "
			     "receives nothing once an instance is there; without SO_REUSEPORT, it "
			     "keeps instances from opening the port",
			     name, port, file);
		findings_fix(findings, "find it with: ss -lnp%c sport = :%u",
			     sockets[p].protocol == IPPROTO_UDP ? 'u' : 't', port);
	}
}

/* Not a failure: systemd may open the port instead. */
static void check_privileged(struct findings *findings, const struct instance *instance, int p)
{
	long long first = 1024;

	sysctl_read("net/ipv4/ip_unprivileged_port_start", &first);
	if (instance->ports[p] >= first || has_capability(CAP_NET_BIND_SERVICE))
		return;
	findings_add(findings, "ports", FINDING_WARN,
		     "%s port %u of %s is below %lld, and user %u lacks CAP_NET_BIND_SERVICE",
		     sockets[p].name, instance->ports[p], instance->file, first,
		     (unsigned int)geteuid());
	findings_fix(findings, "add it to AmbientCapabilities, or let systemd open the socket");
}

static void check_templates(struct findings *findings, const struct instance *instance)
{
	if (!conf_get(&instance->conf, "nfacctd_templates_receiver") || has_capability(CAP_NET_RAW))
		return;
	findings_add(findings, "ports", FINDING_FAIL,
		     "%s has nfacctd_templates_receiver, and user %u lacks CAP_NET_RAW to send "
		     "from the addresses of exporters",
		     instance->file, (unsigned int)geteuid());
	findings_fix(findings, "add it to AmbientCapabilities");
}

void check_ports(struct findings *findings, const struct instance *instance)
{
	const size_t bad = findings->results[FINDING_FAIL] + findings->results[FINDING_WARN];
	struct pmreuseport_error error = {0};
	struct clusters clusters = {0};
	struct diag diag = {0};
	int p, err;

	if (!instance->balanced)
		return;
	check_templates(findings, instance);
	err = diag_open(&diag, &error);
	if (!err)
		clusters_read(&clusters, instance);
	for (p = 0; p < PORTS; p++) {
		struct found found = {.clusters = &clusters, .own = instance->config.cluster};

		if (!instance->ports[p])
			continue;
		check_privileged(findings, instance, p);
		/* Sockets on other addresses may share the port. */
		if (err || conf_get(&instance->conf, sockets[p].ip))
			continue;
		err = diag_each(&diag, sockets[p].protocol, sockets[p].state,
				htons(instance->ports[p]), look_at, &found, &error);
		if (!err)
			check_port(findings, instance, p, &found);
	}
	if (err)
		findings_add_error(findings, "ports", FINDING_WARN, &error);
	else if (bad == findings->results[FINDING_FAIL] + findings->results[FINDING_WARN])
		findings_add(findings, "ports", FINDING_OK,
			     "%s: its ports are free, or open in its cluster", instance->file);
	clusters_free(&clusters);
	diag_close(&diag);
}
