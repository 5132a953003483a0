/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command "adopt": put the sockets of an unmodified daemon into a bucket. */
#include "adopt/adopt.h"

#include "adopt/adopt_sockets.h"
#include "adopt/event.h"
#include "adopt/pidfile.h"
#include "adopt/watch.h"
#include "commands.h"
#include "common/decimal.h"
#include "common/outside_text.h"
#include "common/process_text.h"
#include "common/report.h"
#include "options.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

static const char *const fallbacks[] =
	{[PMREUSEPORT_REHASH] = "rehash", [PMREUSEPORT_DROP] = "drop", NULL};

static int add_port(void *options, const char *text, struct pmreuseport_error *error)
{
	struct ports *ports = &((struct adopt *)options)->ports;
	uint64_t port;

	if (!decimal(text, 65535, &port) || !port)
		return pmr_error(error, -EINVAL, "--port '%s' is out of bounds",
				 "give a number from 1 to 65535", text);
	if (ports->n && ports_have(ports, port))
		return 0;
	if (ports->n == CANDIDATES_MAX)
		return pmr_error(error, -EINVAL, "there are more than %d ports",
				 "leave --port out, to adopt all", CANDIDATES_MAX);
	ports->list[ports->n++] = port;
	return 0;
}

static int check(void *options, struct pmreuseport_error *error)
{
	const struct adopt *adopt = options;
	const struct pmreuseport_config *config = &adopt->config;

	if (!adopt->pid && !adopt->pidfile)
		return pmr_error(error, -EINVAL, "--pid or --pidfile is missing",
				 "give one of them to name the process");
	if (adopt->pid && adopt->pidfile)
		return pmr_error(error, -EINVAL, "--pid and --pidfile exclude each other",
				 "give one of them to name the process");
	if (config->index >= config->count)
		return pmr_error(error, -EINVAL, "--index %u is out of bounds",
				 "with --count %u it is 0 to %u", config->index, config->count,
				 config->count - 1);
	return pmr_config_check(config, error);
}

static const struct parameter options[] = {
	{.name = "pid",
	 .letter = 'p',
	 .value = "PID",
	 .help = "The process whose sockets to adopt",
	 .kind = VALUE_NUMBER,
	 .min = 1,
	 .max = INT_MAX,
	 FIELD(struct adopt, pid)},
	{.name = "pidfile",
	 .value = "FILE",
	 .help = "The file with the pid of the process",
	 .kind = VALUE_TEXT,
	 FIELD(struct adopt, pidfile)},
	{.name = "port",
	 .value = "P",
	 .help = "Only sockets on this port; may be repeated",
	 .kind = VALUE_CALL,
	 .call = add_port},
	{.name = "index",
	 .letter = 'x',
	 .value = "I",
	 .help = "The hash bucket, counted from 0",
	 .kind = VALUE_NUMBER,
	 .max = PMR_MAX_BUCKETS - 1,
	 .missing = "give the hash bucket for the sockets",
	 FIELD(struct adopt, config.index)},
	{.name = "count",
	 .value = "N",
	 .help = "The number of hash buckets of the cluster",
	 .kind = VALUE_NUMBER,
	 .min = 1,
	 .max = PMR_MAX_BUCKETS,
	 .missing = "give the number of hash buckets",
	 FIELD(struct adopt, config.count)},
	{.name = "fallback",
	 .value = "rehash|drop",
	 .help = "What happens to the exporters of a dead bucket (default: rehash)",
	 .kind = VALUE_WORD,
	 .words = fallbacks,
	 FIELD(struct adopt, config.fallback)},
	{.name = "seed",
	 .value = "NAME",
	 .help = "The seed of the mapping, as reuseport_seed (default: the name of the cluster)",
	 .kind = VALUE_TEXT,
	 FIELD(struct adopt, config.seed)},
	{.name = "watch",
	 .letter = 'w',
	 .help = "Keep running, and adopt again after the process was restarted",
	 FIELD(struct adopt, watch)},
	OPTION_CLUSTER_IN(struct adopt, config.cluster),
	OPTION_JSON(struct adopt),
	{0},
};

static const struct command_line grammar = {
	.options = options,
	.usage = "--pid=PID --index=I --count=N\n--pidfile=FILE --index=I --count=N",
	.summary = "Put the sockets of a running, unmodified daemon, such as a distribution's "
		   "nfacctd, into a hash bucket: its UDP sockets and its listening TCP sockets, "
		   "with SO_REUSEPORT.",
	.details =
		"All of these sockets are adopted, or none. A bucket that another process holds "
		"is taken over. The sockets stay in the bucket until the daemon and its children "
		"have closed them. With --watch the command keeps running: it adopts what the "
		"daemon opens later, and after a restart adopts the sockets of the new process, "
		"found by the pidfile, or by the "
		"same program and arguments. It does not take a bucket over again. SIGTERM and "
		"SIGINT end the command; the sockets stay in their bucket.",
	.example = "pmreuseport adopt --pidfile /run/nfacctd.pid --index 0 --count 4",
	.check = check,
	.advise = options_advise,
};

int adopt_open(const struct adopt *adopt, struct process *process, struct pmreuseport_error *error)
{
	pid_t pid = adopt->pid;
	int err = adopt->pidfile ? pidfile_read(adopt->pidfile, &pid, error) : 0;

	if (!err && adopt->pidfile)
		err = pidfile_check(adopt->pidfile, pid, &adopt->ports, error);
	return err ? err : process_open(process, pid, error);
}

static int print_words(const struct adopt *adopt, const struct process *process,
		       const struct adopted *adopted, size_t n)
{
	const struct pmreuseport_config *config = &adopt->config;
	struct pmreuseport_process previous;
	char text[PROCESS_TEXT_SIZE], beside[OUTSIDE_TEXT_SIZE];
	const char *outside;
	size_t i;

	for (i = 0; i < n; i++) {
		printf("%s of process %d (%s) is hash bucket %u of %u in cluster \"%s\"",
		       adopted[i].endpoint, (int)process->id.pid, process->id.comm, config->index,
		       config->count, config->cluster);
		if (pmreuseport_previous(adopted[i].member, &previous))
			printf(", taken over from %s", process_text(&previous, text));
		outside = outside_text(pmreuseport_outside(adopted[i].member), beside);
		if (outside)
			printf("; %s", outside);
		putchar('\n');
	}
	return report_done();
}

static int print_json(const struct adopt *adopt, const struct process *process,
		      const struct adopted *adopted, size_t n)
{
	const struct pmreuseport_config *config = &adopt->config;
	struct pmreuseport_process previous;
	json_t *list = json_array(), *from;
	int bad = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		from = pmreuseport_previous(adopted[i].member, &previous)
			       ? event_process_json(&previous)
			       : json_null();
		bad |= json_array_append_new(list, json_pack("{s:s, s:o, s:i}", "endpoint",
							     adopted[i].endpoint, "previous", from,
							     "outside",
							     (int)pmreuseport_outside(
								     adopted[i].member)));
	}
	if (bad) {
		json_decref(list);
		return report_json(NULL);
	}
	return report_json(json_pack("{s:s, s:i, s:i, s:i, s:s, s:o}", "cluster", config->cluster,
				     "bucket", (int)config->index, "count", (int)config->count,
				     "pid", (int)process->id.pid, "command", process->id.comm,
				     "adopted", list));
}

static int adopt_once(const struct adopt *adopt)
{
	struct adopted adopted[CANDIDATES_MAX];
	struct pmreuseport_error error = {0};
	struct process process = {.pidfd = -1};
	struct candidates fit = {.n = 0};
	size_t n = 0, i;
	int err;

	err = adopt_open(adopt, &process, &error);
	if (!err)
		err = candidates_find(&process, &adopt->ports, &fit, &error);
	if (err == -ESRCH && process.pidfd >= 0)
		pmr_error(&error, err, "process %d (%s) has ended", "start it again",
			  (int)process.id.pid, process.id.comm);
	if (!err)
		err = candidates_check(&process, &adopt->ports, false, &fit, &error);
	if (!err)
		err = adopt_all(adopted, &process, &fit, &adopt->config, &error);
	if (!err)
		n = fit.n;
	candidates_close(&fit);
	if (err)
		err = report_failure(&error);
	else
		err = adopt->json ? print_json(adopt, &process, adopted, n)
				  : print_words(adopt, &process, adopted, n);
	for (i = 0; i < n; i++)
		pmreuseport_free(adopted[i].member);
	process_close(&process);
	return err;
}

int command_adopt(int argc, char **argv)
{
	struct adopt adopt = {.config = PMR_CONFIG_DEFAULTS};

	command_line_parse(&grammar, argc, argv, &adopt);
	return adopt.watch ? adopt_watch(&adopt) : adopt_once(&adopt);
}
