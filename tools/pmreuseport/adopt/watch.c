/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "adopt --watch": checks each second which sockets the process has open, and whether it
 * still has its buckets. After the process has ended, it looks for its successor. A check
 * copies each socket of the process, so that one with ten thousands is checked less often.
 */
#include "adopt/watch.h"

#include "adopt/event.h"
#include "adopt/watch_check.h"
#include "common/printable.h"
#include "common/report.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#define CHECK_MS 1000
#define CHECK_MAX_MS 10000

/* Checks take about one part of so many of a CPU, unless that exceeds the maximum. */
#define CPU_SHARE 20

#define NS_PER_S 1000000000ull
#define NS_PER_MS 1000000ull

void watch_fail(struct watch *watch, const struct pmreuseport_error *error)
{
	watch->done = true;
	watch->status = report_failure(error);
}

void watch_say(struct watch *watch, const char *name, const struct adopted *adopted,
	       const struct pmreuseport_process *other, const char *reason)
{
	const struct event event = {
		.name = name,
		.cluster = watch->config.cluster,
		.process = watch->process.id.pid ? &watch->process.id : NULL,
		.endpoint = adopted ? adopted->endpoint : NULL,
		.other = other,
		.reason = reason,
	};

	if (!event_print(&event, watch->adopt->json))
		return;
	watch->done = true;
	watch->status = 1;
}

void watch_say_why(struct watch *watch, const struct pmreuseport_error *error)
{
	char sentence[PMR_SENTENCE_MAX], why[PMR_SENTENCE_MAX];

	/* It may quote the name of a file. */
	pmr_sentence(error, sentence);
	printable_copy(why, sizeof(why), sentence, sizeof(sentence));
	if (!strcmp(watch->said, why))
		return;
	memcpy(watch->said, why, sizeof(why));
	watch_say(watch, "waiting", NULL, NULL, why);
}

/* Also if a child of the process still has the socket open, and does not read it. */
void watch_leave(struct adopted *adopted)
{
	struct pmreuseport_error error = {0};

	if (pmreuseport_leave(adopted->member, &error))
		report_failure(&error);
	adopted->member = NULL;
}

void watch_end_process(struct watch *watch)
{
	size_t i;

	for (i = 0; i < watch->n; i++) {
		watch_leave(&watch->adopted[i]);
		watch->lost[i] = false;
	}
	watch_say(watch, "ended", NULL, NULL, NULL);
	process_close(&watch->process);
	watch->process.id.pid = 0;
}

static void seek(struct watch *watch)
{
	struct pmreuseport_error error = {0};
	int err;

	err = adopt_find(watch->adopt, &watch->predecessor, &watch->process, &error);
	if (err) {
		watch->process = (struct process){.pidfd = -1};
		watch_say_why(watch, &error);
		return;
	}
	watch->said[0] = '\0';
	watch_say(watch, watch->n ? "back" : "found", NULL, NULL, NULL);
}

static uint64_t cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

/* A successor is looked for, or a process checked. Returns the CPU time that it took, in ns. */
static uint64_t check_once(struct watch *watch)
{
	const uint64_t before = cpu_ns();

	if (watch->process.pidfd < 0)
		seek(watch);
	if (!watch->done && watch->process.pidfd >= 0)
		watch_check(watch);
	return cpu_ns() - before;
}

static void wait_a_while(struct watch *watch, int signals, uint64_t check_ns)
{
	uint64_t ms = CPU_SHARE * check_ns / NS_PER_MS;
	struct pollfd fds[] = {
		{.fd = signals, .events = POLLIN},
		{.fd = watch->process.pidfd, .events = POLLIN}, /* left out if negative */
	};

	if (ms < CHECK_MS)
		ms = CHECK_MS;
	if (poll(fds, 2, ms < CHECK_MAX_MS ? (int)ms : CHECK_MAX_MS) <= 0)
		return;
	if (fds[0].revents) {
		watch->done = true;
		watch_say(watch, "stopped", NULL, NULL, "adopted sockets stay in their buckets");
	} else if (fds[1].revents) {
		watch_end_process(watch);
	}
}

/* The process that --pid names must exist, and no other may look like it. */
static int start_with_pid(struct watch *watch, struct pmreuseport_error *error)
{
	const struct adopt *adopt = watch->adopt;
	struct adopted sockets[CANDIDATES_MAX];
	struct candidates fit = {.n = 0};
	struct process twin;
	int err;

	err = adopt_open(adopt, &watch->process, error);
	if (!err)
		err = candidates_find(&watch->process, &adopt->ports, &fit, error);
	if (!err)
		err = identity_read(&watch->predecessor.identity, adopt->pid, error);
	if (err == -ESRCH && watch->process.pidfd >= 0)
		pmr_error(error, err, "process %d (%s) has ended", "start it again",
			  (int)adopt->pid, watch->process.id.comm);
	if (!err)
		err = candidates_check(&watch->process, &adopt->ports, true, &fit, error);
	for (watch->predecessor.n = 0; !err && watch->predecessor.n < fit.n; watch->predecessor.n++)
		adopted_name(&sockets[watch->predecessor.n], &fit.list[watch->predecessor.n]);
	watch->predecessor.sockets = sockets;
	if (!err)
		err = adopt_find(adopt, &watch->predecessor, &twin, error);
	if (err == -ESRCH && watch->predecessor.n) {
		err = 0;
	} else if (!err) {
		err = pmr_error(error, -EEXIST,
				"process %d runs the same program with the same arguments as %d, "
				"so that a restarted one could be either",
				"give --pidfile instead of --pid", (int)twin.id.pid,
				(int)adopt->pid);
		process_close(&twin);
	}
	candidates_close(&fit);
	watch->predecessor.sockets = watch->adopted;
	watch->predecessor.n = 0;
	return err;
}

int adopt_watch(const struct adopt *adopt)
{
	struct watch watch = {.adopt = adopt, .config = adopt->config, .process.pidfd = -1};
	struct pmreuseport_error error = {0};
	uint64_t check_ns;
	sigset_t set;
	int signals;
	size_t i;

	watch.predecessor.sockets = watch.adopted;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signals = signalfd(-1, &set, SFD_CLOEXEC);
	if (signals < 0) {
		pmr_error(&error, -errno, "cannot wait for signals (%s)",
			  "close descriptors, or raise the limit", strerror(errno));
		watch_fail(&watch, &error);
	}
	if (!watch.done && !adopt->pidfile && start_with_pid(&watch, &error))
		watch_fail(&watch, &error);
	while (!watch.done) {
		check_ns = check_once(&watch);
		if (!watch.done)
			wait_a_while(&watch, signals, check_ns);
	}
	for (i = 0; i < watch.n; i++)
		pmreuseport_free(watch.adopted[i].member);
	process_close(&watch.process);
	if (signals >= 0)
		close(signals);
	return watch.status;
}
