/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether an instance could join its cluster, and which processes are in it. */
#include "doctor/check_join.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/process_text.h"
#include "doctor/capabilities.h"
#include "operator.h"

/* A relative path depends on the directory in which the daemon starts. */
static void check_path(struct findings *findings, const struct instance *instance)
{
	const char *prog = instance->config->bpf_prog;

	if (!prog || *prog == '/')
		return;
	findings_add(findings, "config", FINDING_WARN,
		     "reuseport_bpf_prog %.200s in %s is relative to the directory in which the "
		     "daemon starts, which may differ from this one",
		     prog, instance->file);
	findings_fix(findings, "write a path that begins with /");
}

/* The live process in the bucket; NULL: none. */
static const struct pmr_bucket_status *holder(const struct pmr_status *status, unsigned int index)
{
	size_t i;

	for (i = 0; i < status->n; i++)
		if (status->endpoints[i].bucket[index].live)
			return &status->endpoints[i].bucket[index];
	return NULL;
}

static void say_who_is_there(struct findings *findings, const struct instance *instance,
			     const struct pmr_dry_run_result *found)
{
	const struct pmreuseport_config *config = instance->config;
	const struct pmr_bucket_status *who = NULL;
	struct pmreuseport_process process = {0};
	struct pmr_status status = {0};
	char text[PROCESS_TEXT_SIZE];

	if (!found->live) {
		findings_add(findings, "join", FINDING_OK,
			     "%s: cluster \"%s\" has no live instance, so its count would be %u%s",
			     instance->file, config->cluster, config->count,
			     found->count && found->count != config->count
				     ? " instead of that of its last instances"
				     : "");
		return;
	}
	if (!instance->any_index && !pmr_status_read(&status, config->cluster, NULL))
		who = holder(&status, config->index);
	if (who && who->member.cookie) {
		process.pid = who->member.pid;
		process.elsewhere = who->elsewhere;
		memcpy(process.comm, who->member.comm, sizeof(process.comm));
		findings_add(findings, "join", FINDING_OK,
			     "%s: it would take over hash bucket %u of cluster \"%s\" from %s, "
			     "which is "
			     "alive",
			     instance->file, config->index, config->cluster,
			     process_text(&process, text));
	} else if (who) {
		findings_add(findings, "join", FINDING_OK,
			     "%s: it would take over hash bucket %u of cluster \"%s\" from a live "
			     "process",
			     instance->file, config->index, config->cluster);
	} else {
		findings_add(findings, "join", FINDING_OK,
			     "%s: it would join the %u live sockets of cluster \"%s\"",
			     instance->file, found->live, config->cluster);
	}
	pmr_status_free(&status);
}

void check_join(struct findings *findings, struct instance *instance)
{
	struct pmr_dry_run_result found = {0}, found_tcp = {0};
	struct pmreuseport_error error = {0};
	int err;

	/* Other checks have reported why. */
	if (!instance->balanced || pmr_bpffs_check(NULL))
		return;
	check_path(findings, instance);
	err = pmr_dry_run(instance->config, false, &found, &error);
	if (!err && (instance->ports[PORT_BMP] || instance->ports[PORT_BGP]))
		err = pmr_dry_run(instance->config, true, &found_tcp, &error);
	instance->lock_is_held = err == -ETIMEDOUT;
	instance->needs_migrate_req = instance->config->bpf_prog && !found.migrates && !err;
	if (!err) {
		say_who_is_there(findings, instance, &found);
		return;
	}
	findings_add_error(findings, "join",
			   err == -EPERM && !may_load_bpf() ? FINDING_WARN : FINDING_FAIL, &error);
}
