/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ports of an instance: whether it may open them, and which sockets have them now. */
#include "doctor/check_ports.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor/capabilities.h"
#include "doctor/port_address.h"
#include "doctor/sysctl.h"
#include "operator.h"
#include "sockets/foreign_sockets.h"
#include "sockets/holders.h"

static const struct {
	const char *name;
	bool tcp;
} sockets[PORTS] = {
	[PORT_FLOWS] = {"UDP", false},
	[PORT_BMP] = {"TCP", true},
	[PORT_BGP] = {"TCP", true},
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
	const char *own;		 /* cluster */
	const char *other;		 /* cluster that has the port */
	struct port_address address;	 /* of the instance */
	unsigned int alone;		 /* sockets in no bucket that get nothing beside it */
	struct pmr_port_socket lost;	 /* one in a bucket whose pins are not seen */
	struct pmr_port_socket taker;	 /* one in no bucket that takes packets from it */
	struct pmr_port_socket member;	 /* one of the cluster on another address that overlaps */
	struct pmr_port_socket stranger; /* one of another user */
};

static int look_at(const struct pmr_port_socket *sk, void *context)
{
	struct found *found = context;
	const struct port_address *address = &found->address;
	const char *cluster = cluster_of(found->clusters, sk->cookie);

	/* Sockets on other addresses share the port. */
	if (!pmr_local_overlap(&sk->local, &address->local) || sk->connected)
		return 0;
	if (sk->user != geteuid()) {
		if (pmr_is_foreign(sk, &address->local, address->device, geteuid()))
			found->stranger = *sk;
	} else if (sk->device != address->device) {
		return 0;
	} else if (cluster && strcmp(cluster, found->own)) {
		found->other = cluster;
	} else if (cluster) {
		if (!pmr_local_same(&sk->local, &address->local))
			found->member = *sk;
	} else if (!found->clusters->known) {
		return 0;
	} else if (sk->entered) {
		found->lost = *sk;
	} else if (pmr_is_foreign(sk, &address->local, address->device, geteuid())) {
		found->taker = *sk;
	} else {
		found->alone++;
	}
	return 0;
}

static const char *text_of(const struct pmr_port_socket *sk, char text[FOREIGN_TEXT_SIZE])
{
	struct holders holders = {0};
	const struct pmreuseport_process process = holders_first(&holders, sk->inode);

	holders_free(&holders);
	return foreign_text(sk, &process, text);
}

static void check_port(struct findings *findings, const struct instance *instance, int p,
		       const struct found *found)
{
	const char *file = instance->file, *name = sockets[p].name;
	const unsigned int port = instance->ports[p];
	char text[FOREIGN_TEXT_SIZE];

	if (found->stranger.cookie) {
		findings_add(findings, "ports", FINDING_FAIL,
			     "%s port %u of %s is open for %s, and user %u cannot share it, as all "
			     "sockets must be of one user",
			     name, port, file, text_of(&found->stranger, text),
			     (unsigned int)geteuid());
		findings_fix(findings,
			     "end that process, or run all instances, and this command, as one "
			     "user");
	}
	if (found->other) {
		findings_add(findings, "ports", FINDING_FAIL,
			     "%s port %u of %s is already balanced by cluster \"%s\"", name, port,
			     file, found->other);
		findings_fix(findings, "set cluster_name to that cluster, or use another port");
	}
	if (found->member.cookie) {
		findings_add(findings, "ports", FINDING_FAIL,
			     "%s port %u of %s is on an address that overlaps that of a live "
			     "instance: %s",
			     name, port, file, text_of(&found->member, text));
		findings_fix(findings, "use the same address in all instances");
	}
	if (found->lost.cookie) {
		findings_add(
			findings, "ports", FINDING_FAIL,
			"%s port %u of %s is open in a live instance whose pins are not in the "
			"bpffs of this command, such as a container with a bpffs for itself: %s",
			name, port, file, text_of(&found->lost, text));
		findings_fix(findings,
			     "let all instances use one bpffs; if the pins were removed, stop all "
			     "instances, then start them again");
	}
	if (found->taker.cookie) {
		findings_add(findings, "ports", FINDING_WARN,
			     "%s port %u of %s is open in a program outside the cluster, which "
			     "takes packets from it: %s",
			     name, port, file, text_of(&found->taker, text));
		findings_fix(findings, "end that process, or use another port");
	}
	if (found->alone) {
		findings_add(findings, "ports", FINDING_WARN,
			     "%s port %u of %s is open in a program outside the cluster: it "
			     "receives nothing once an instance is there; without SO_REUSEPORT, it "
			     "keeps instances from opening the port",
			     name, port, file);
		findings_fix(findings, "find it with: ss -lnp%c sport = :%u",
			     sockets[p].tcp ? 't' : 'u', port);
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
	struct clusters clusters = {0};
	int p, err = 0;

	if (!instance->balanced)
		return;
	check_templates(findings, instance);
	clusters_read(&clusters, instance);
	for (p = 0; p < PORTS; p++) {
		struct found found = {.clusters = &clusters, .own = instance->config->cluster};

		if (!instance->ports[p])
			continue;
		check_privileged(findings, instance, p);
		/* Where it is not balanced, whose socket it is cannot be told. */
		if (instance_keeps_out(instance, p))
			continue;
		if (err || !port_address_read(&instance->conf, p, &found.address))
			continue;
		err = pmr_port_sockets_each(sockets[p].tcp, instance->ports[p], look_at, &found);
		if (!err)
			check_port(findings, instance, p, &found);
	}
	if (err) {
		findings_add(findings, "ports", FINDING_WARN,
			     "cannot ask the kernel for its sockets (%s)", strerror(-err));
		findings_fix(findings, "it needs CONFIG_INET_DIAG and CONFIG_INET_UDP_DIAG");
	} else if (bad == findings->results[FINDING_FAIL] + findings->results[FINDING_WARN]) {
		findings_add(findings, "ports", FINDING_OK,
			     "%s: its ports are free, or open in its cluster", instance->file);
	}
	clusters_free(&clusters);
}
