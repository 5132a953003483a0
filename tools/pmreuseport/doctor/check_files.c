/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The limit of open files: each session takes one. */
#include "doctor/check_files.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adopt/pidfile.h"
#include "common/process_files.h"
#include "operator.h"

/* As the patched daemon counts them. */
#define OTHER_FILES 64

static const struct {
	enum doctor_port port;
	const char *max_peers;
	int by_default;
	const char *msglog;
} sessions[] = {
	{PORT_BMP, "bmp_daemon_max_peers", 4, "bmp_daemon_msglog_file"},
	{PORT_BGP, "bgp_daemon_max_peers", 4, "bgp_daemon_msglog_file"},
};

/* The open files that all sessions take, and a text about them; 0: there are no sessions. */
static uint64_t files_needed(const struct instance *instance, char *text, size_t size)
{
	uint64_t need = 0;
	size_t i, len = 0;

	for (i = 0; i < sizeof(sessions) / sizeof(sessions[0]); i++) {
		const char *value = conf_get(&instance->conf, sessions[i].max_peers);
		const char *msglog = conf_get(&instance->conf, sessions[i].msglog);
		int peers = value ? atoi(value) : 0;

		if (!instance->ports[sessions[i].port])
			continue;
		if (peers < 1)
			peers = sessions[i].by_default;
		/* A variable in the name makes a file for each peer. */
		need += (uint64_t)peers * (msglog && strchr(msglog, '$') ? 2 : 1);
		len += snprintf(text + len, size - len, "%s%s is %d", len ? ", " : "",
				sessions[i].max_peers, peers);
	}
	return need ? need + OTHER_FILES : 0;
}

/* The process that runs with the configuration; 0: none that this user can tell. */
static pid_t running(const struct instance *instance)
{
	const char *pidfile = conf_get(&instance->conf, "pidfile");
	struct pmreuseport_process process = {0};
	pid_t pid;

	if (!pidfile || pidfile_read(pidfile, &pid, NULL))
		return 0;
	/* The file may be old. */
	pmr_process_name(pid, process.comm, sizeof(process.comm));
	return strcmp(process.comm, instance->pmbmpd ? "pmbmpd" : "nfacctd") ? 0 : pid;
}

void check_files(struct findings *findings, const struct instance *instance)
{
	char promised[128], whose[64] = "of this shell";
	struct files_limit limit;
	uint64_t need;
	pid_t pid;

	need = files_needed(instance, promised, sizeof(promised));
	if (!need)
		return;
	pid = running(instance);
	if (pid)
		snprintf(whose, sizeof(whose), "of the running process %d", (int)pid);
	if (!process_files_limit(pid, &limit)) {
		findings_add(findings, "open_files", FINDING_WARN,
			     "cannot read the limit of open files %s", whose);
		findings_fix(findings, "run this with /proc mounted");
	} else if (limit.hard < need) {
		/* A unit may set another limit than the shell has. */
		findings_add(findings, "open_files", pid ? FINDING_FAIL : FINDING_WARN,
			     "%s in %s, for which the daemon needs %" PRIu64
			     " open files, but the hard limit %s is %" PRIu64,
			     promised, instance->file, need, whose, limit.hard);
		findings_fix(findings,
			     "set LimitNOFILE=%" PRIu64 " in the unit, or run: ulimit -Hn %" PRIu64
			     ", or reduce the number of peers",
			     need, need);
	} else if (pid && limit.soft < need) {
		/* The patched daemon raises it when it starts. */
		findings_add(findings, "open_files", FINDING_WARN,
			     "%s in %s, for which the daemon needs %" PRIu64
			     " open files, but the limit %s is %" PRIu64,
			     promised, instance->file, need, whose, limit.soft);
		findings_fix(findings, "restart it with this file and with the patches");
	} else {
		findings_add(findings, "open_files", FINDING_OK,
			     "%s in %s, for which the limit of open files %s suffices", promised,
			     instance->file, whose);
	}
}
