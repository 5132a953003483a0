/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether an instance could join its cluster, and whom it would meet there. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor.h"

/* Somebody else's selector may be named by a path that depends on where the daemon starts. */
static void check_path(struct checks *checks, const struct instance *instance)
{
	const char *prog = instance->config.bpf_prog;

	if (!prog || *prog == '/')
		return;
	checks_add(checks, "config", CHECK_WARN,
		   "reuseport_bpf_prog %.200s in %s is relative to the directory in which the "
		   "daemon starts, which may be another one than this",
		   prog, instance->file);
	checks_fix(checks, "write a path that begins with /");
}

/* Who is in the bucket that is to be taken; NULL: nobody. */
static const struct pmr_bucket_status *holder(const struct pmr_status *status, unsigned int index)
{
	size_t i;

	for (i = 0; i < status->n; i++)
		if (status->endpoints[i].bucket[index].live)
			return &status->endpoints[i].bucket[index];
	return NULL;
}

static void say_who_is_there(struct checks *checks, const struct instance *instance,
			     const struct pmr_rehearsal *found)
{
	const struct pmreuseport_config *config = &instance->config;
	const struct pmr_bucket_status *who = NULL;
	struct pmr_status status = {0};

	if (!found->live) {
		checks_add(checks, "join", CHECK_OK,
			   "%s: nobody is alive in cluster \"%s\", so its count would be %u%s",
			   instance->file, config->cluster, config->count,
			   found->count && found->count != config->count
				   ? ", and no longer that of "
				     "its last instances"
				   : "");
		return;
	}
	if (!instance->any_index && !pmr_status_read(&status, config->cluster, NULL))
		who = holder(&status, config->index);
	if (who && who->member.cookie)
		checks_add(checks, "join", CHECK_OK,
			   "%s: it would take hash bucket %u of cluster \"%s\" over from pid %u "
			   "(%s), which is alive",
			   instance->file, config->index, config->cluster, who->member.pid,
			   who->member.comm);
	else if (who)
		checks_add(checks, "join", CHECK_OK,
			   "%s: it would take hash bucket %u of cluster \"%s\" over from a process "
			   "that is alive",
			   instance->file, config->index, config->cluster);
	else
		checks_add(checks, "join", CHECK_OK,
			   "%s: it would join the %u live sockets of cluster \"%s\"",
			   instance->file, found->live, config->cluster);
	pmr_status_free(&status);
}

/* Another cluster that has the port; only the wildcard addresses are looked at. */
static bool has_port(const struct pmr_status *status, const struct instance *instance)
{
	char udp[32], bmp[32], bgp[32];
	const char *name;
	unsigned int b;
	bool here;
	size_t i;

	snprintf(udp, sizeof(udp), "udp-%u-any", instance->ports[PORT_FLOWS]);
	snprintf(bmp, sizeof(bmp), "tcp-%u-any", instance->ports[PORT_BMP]);
	snprintf(bgp, sizeof(bgp), "tcp-%u-any", instance->ports[PORT_BGP]);
	for (i = 0; i < status->n; i++) {
		name = status->endpoints[i].name;
		if ((strncmp(name, udp, strlen(udp)) && strncmp(name, bmp, strlen(bmp)) &&
		     strncmp(name, bgp, strlen(bgp))) ||
		    pmr_endpoint_is_here(name, &here, NULL) || !here)
			continue;
		for (b = 0; b < PMR_MAX_BUCKETS; b++)
			if (status->endpoints[i].bucket[b].live)
				return true;
	}
	return false;
}

static void check_other_clusters(struct checks *checks, const struct instance *instance)
{
	char(*names)[PMREUSEPORT_CLUSTER_NAME_MAX + 1] = NULL;
	size_t n = 0, i;

	pmr_clusters(&names, &n, NULL);
	for (i = 0; i < n; i++) {
		struct pmr_status status = {0};

		if (strcmp(names[i], instance->config.cluster) &&
		    !pmr_status_read(&status, names[i], NULL) && has_port(&status, instance)) {
			checks_add(checks, "join", CHECK_FAIL,
				   "a port of %s is balanced by cluster \"%s\" already",
				   instance->file, names[i]);
			checks_fix(checks, "set cluster_name to that, or use another port");
		}
		pmr_status_free(&status);
	}
	free(names);
}

void check_join(struct checks *checks, struct instance *instance)
{
	struct pmr_rehearsal found = {0}, found_tcp = {0};
	struct pmreuseport_error error = {0};
	int err;

	/* The other checks have said so. */
	if (!instance->balanced || pmr_bpffs_check(NULL))
		return;
	check_path(checks, instance);
	err = pmr_rehearse(&instance->config, false, &found, &error);
	if (!err && (instance->ports[PORT_BMP] || instance->ports[PORT_BGP]))
		err = pmr_rehearse(&instance->config, true, &found_tcp, &error);
	instance->needs_migrate_req = instance->config.bpf_prog && !found.migrates && !err;
	if (!err) {
		say_who_is_there(checks, instance, &found);
		if (!conf_get(&instance->conf, "nfacctd_ip"))
			check_other_clusters(checks, instance);
		return;
	}
	checks_add_error(checks, "join", err == -EPERM && !may_load_bpf() ? CHECK_WARN : CHECK_FAIL,
			 &error, "see the other checks");
}
