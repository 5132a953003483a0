/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb "adopt": put the sockets of a daemon that knows nothing of us into a bucket. */
#include "adopt/adopt.h"

#include "common/args_number.h"
#include "common/report.h"
#include "target.h"
#include "verbs.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

enum {
	OPT_PID = 'p',
	OPT_INDEX = 'x',
	OPT_WATCH = 'w',
	OPT_PIDFILE = OPT_OF_VERB,
	OPT_PORT,
	OPT_COUNT,
	OPT_FALLBACK,
};

static const struct argp_option options[] = {
	{"pid", OPT_PID, "PID", 0, "The process whose sockets to take, by its id", 1},
	{"pidfile", OPT_PIDFILE, "FILE", 0, "The process whose id is in this file", 1},
	{"port", OPT_PORT, "P", 0, "Only sockets on this port; may be given again", 2},
	{"index", OPT_INDEX, "I", 0, "Its hash bucket, counted from 0", 3},
	{"count", OPT_COUNT, "N", 0, "Hash buckets of the cluster", 3},
	{"fallback", OPT_FALLBACK, "HOW", 0,
	 "What becomes of the exporters of a dead bucket: rehash (default) or drop", 3},
	{"watch", OPT_WATCH, NULL, 0, "Go on, and do so again when the process was restarted", 4},
	{"json", OPT_JSON, NULL, 0, "Answer in JSON; with --watch, one line for each event", 10},
	{0},
};

static void parse_port(struct argp_state *state, struct ports *ports, const char *arg)
{
	unsigned int port = args_number(state, "--port", arg, 1, 65535);

	if (ports->n && ports_have(ports, port))
		return;
	if (ports->n == CANDIDATES_MAX)
		argp_failure(state, ARGS_EXIT_USAGE, 0, "more than %d ports; leave --port out",
			     CANDIDATES_MAX);
	ports->list[ports->n++] = port;
}

static void parse_fallback(struct argp_state *state, struct pmreuseport_config *config,
			   const char *arg)
{
	if (!strcmp(arg, "rehash"))
		config->fallback = PMREUSEPORT_REHASH;
	else if (!strcmp(arg, "drop"))
		config->fallback = PMREUSEPORT_DROP;
	else
		argp_failure(state, ARGS_EXIT_USAGE, 0,
			     "--fallback '%s' is neither rehash nor drop; choose one", arg);
}

static void check(struct argp_state *state, const struct adopt *adopt)
{
	const struct pmreuseport_config *config = &adopt->config;
	struct pmreuseport_error error;

	if (!adopt->pid == !adopt->pidfile)
		argp_failure(state, ARGS_EXIT_USAGE, 0,
			     "give one of --pid and --pidfile, to say which process");
	if (config->index == UINT_MAX || !config->count)
		argp_failure(state, ARGS_EXIT_USAGE, 0,
			     "%s is missing; say which hash bucket of how many",
			     config->count ? "--index" : "--count");
	if (config->index >= config->count)
		argp_failure(state, ARGS_EXIT_USAGE, 0,
			     "--index %u is out of bounds; with --count %u it is 0 to %u",
			     config->index, config->count, config->count - 1);
	if (pmr_config_check_cluster(config->cluster, &error))
		argp_failure(state, ARGS_EXIT_USAGE, 0, "%s; %s", error.what, error.advice);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct adopt *adopt = state->input;

	switch (key) {
	case OPT_PID:
		adopt->pid = args_number(state, "--pid", arg, 1, INT_MAX);
		return 0;
	case OPT_PIDFILE:
		adopt->pidfile = arg;
		return 0;
	case OPT_PORT:
		parse_port(state, &adopt->ports, arg);
		return 0;
	case OPT_INDEX:
		adopt->config.index = args_number(state, "--index", arg, 0, PMR_MAX_BUCKETS - 1);
		return 0;
	case OPT_COUNT:
		adopt->config.count = args_number(state, "--count", arg, 1, PMR_MAX_BUCKETS);
		return 0;
	case OPT_FALLBACK:
		parse_fallback(state, &adopt->config, arg);
		return 0;
	case OPT_WATCH:
		adopt->watch = true;
		return 0;
	case OPT_JSON:
		adopt->json = true;
		return 0;
	case ARGP_KEY_ARG:
		if (state->arg_num)
			argp_failure(state, ARGS_EXIT_USAGE, 0, "'%s' is one argument too many",
				     arg);
		adopt->config.cluster = arg;
		return 0;
	case ARGP_KEY_END:
		check(state, adopt);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "--pid=PID --index=I --count=N [CLUSTER]\n--pidfile=FILE --index=I --count=N "
		    "[CLUSTER]",
	.doc = "Put the sockets of a running daemon that knows nothing of this, such as nfacctd as "
	       "distributions have it, into a hash bucket: UDP sockets, and TCP ones that listen, "
	       "with SO_REUSEPORT."
	       "\vAll of them, or none. A bucket that another process holds is taken over. They "
	       "stay there until the daemon ends. With --watch, the command goes on: it adopts "
	       "what the daemon opens later, and what it opens after a restart; that is the "
	       "process whose id is in the pidfile then, or the one with the same program and "
	       "arguments. If another process takes the bucket over, that is left to it. It ends "
	       "with SIGTERM, and leaves the sockets where they are.",
};

int adopt_open(const struct adopt *adopt, struct process *process, struct pmreuseport_error *error)
{
	pid_t pid = adopt->pid;
	int err = adopt->pidfile ? pidfile_read(adopt->pidfile, &pid, error) : 0;

	return err ? err : process_open(process, pid, error);
}

static int print_words(const struct adopt *adopt, const struct process *process,
		       const struct adopted *adopted, size_t n)
{
	const struct pmreuseport_config *config = &adopt->config;
	struct pmreuseport_process previous;
	size_t i;

	for (i = 0; i < n; i++) {
		printf("%s of process %d (%s) is hash bucket %u of %u in cluster \"%s\"",
		       adopted[i].endpoint, (int)process->id.pid, process->id.comm, config->index,
		       config->count, config->cluster);
		if (pmreuseport_previous(adopted[i].member, &previous))
			printf(", taken over from process %d (%s)", (int)previous.pid,
			       previous.comm);
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
			       ? json_pack("{s:i, s:s}", "pid", (int)previous.pid, "command",
					   previous.comm)
			       : json_null();
		bad |= json_array_append_new(list,
					     json_pack("{s:s, s:o}", "endpoint",
						       adopted[i].endpoint, "previous", from));
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

int verb_adopt(int argc, char **argv)
{
	struct adopt adopt = {
		.config = {.index = UINT_MAX, .cluster = PMREUSEPORT_DEFAULT_CLUSTER}};

	if (argp_parse(&argp, argc, argv, 0, NULL, &adopt))
		return ARGS_EXIT_USAGE;
	return adopt.watch ? adopt_watch(&adopt) : adopt_once(&adopt);
}
