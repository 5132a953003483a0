/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "adopt --watch": looks each second at what the process has open, and whether its buckets
 * are still its own. When it has ended it looks for the one in its place.
 */
#include "adopt/watch.h"

#include "adopt/event.h"
#include "common/report.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define LOOK_MS 1000

void watch_fail(struct watch *watch, const struct pmreuseport_error *error)
{
	watch->done = true;
	watch->status = report_failure(error);
}

void watch_say(struct watch *watch, const char *name, const struct adopted *seat,
	       const struct pmreuseport_process *other, const char *reason)
{
	const struct event event = {
		.name = name,
		.process = watch->process.id.pid ? &watch->process.id : NULL,
		.endpoint = seat ? seat->endpoint : NULL,
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
	char why[PMR_SENTENCE_MAX];

	/* Names of files may be in it. */
	pmr_sentence(error, why);
	pmr_clean_name(why, sizeof(why));
	if (!strcmp(watch->said, why))
		return;
	memcpy(watch->said, why, sizeof(why));
	watch_say(watch, "waiting", NULL, NULL, why);
}

/* Also if a child of the process still has the socket, and nobody reads it. */
void watch_leave(struct adopted *seat)
{
	struct pmreuseport_error error = {0};

	if (pmreuseport_leave(seat->member, &error))
		report_failure(&error);
	seat->member = NULL;
}

void watch_end_process(struct watch *watch)
{
	size_t i;

	for (i = 0; i < watch->n; i++) {
		watch_leave(&watch->seats[i]);
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

	err = adopt_find(watch->adopt, &watch->former, &watch->process, &error);
	if (err) {
		watch->process = (struct process){.pidfd = -1};
		watch_say_why(watch, &error);
		return;
	}
	watch->said[0] = '\0';
	watch_say(watch, watch->n ? "back" : "found", NULL, NULL, NULL);
}

static void wait_a_while(struct watch *watch, int signals)
{
	struct pollfd fds[] = {
		{.fd = signals, .events = POLLIN},
		{.fd = watch->process.pidfd, .events = POLLIN}, /* left out if negative */
	};

	if (poll(fds, 2, LOOK_MS) <= 0)
		return;
	if (fds[0].revents) {
		watch->done = true;
		watch_say(watch, "stopped", NULL, NULL, "what is adopted stays so");
	} else if (fds[1].revents) {
		watch_end_process(watch);
	}
}

/* Whom --pid names must be there, and be the only one of its kind. */
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
		err = identity_read(&watch->former.identity, adopt->pid, error);
	if (err == -ESRCH && watch->process.pidfd >= 0)
		pmr_error(error, err, "process %d (%s) has ended", "start it again",
			  (int)adopt->pid, watch->process.id.comm);
	if (!err)
		err = candidates_check(&watch->process, &adopt->ports, true, &fit, error);
	for (watch->former.n = 0; !err && watch->former.n < fit.n; watch->former.n++)
		adopted_name(&sockets[watch->former.n], &fit.list[watch->former.n]);
	watch->former.sockets = sockets;
	if (!err)
		err = adopt_find(adopt, &watch->former, &twin, error);
	if (err == -ESRCH && watch->former.n) {
		err = 0;
	} else if (!err) {
		err = pmr_error(error, -EEXIST,
				"process %d runs the same program with the same arguments as %d, "
				"so that a restarted one could be either",
				"give --pidfile instead "
				"of --pid",
				(int)twin.id.pid, (int)adopt->pid);
		process_close(&twin);
	}
	candidates_close(&fit);
	watch->former.sockets = watch->seats;
	watch->former.n = 0;
	return err;
}

int adopt_watch(const struct adopt *adopt)
{
	struct watch watch = {.adopt = adopt, .config = adopt->config, .process.pidfd = -1};
	struct pmreuseport_error error = {0};
	sigset_t set;
	int signals;
	size_t i;

	watch.former.sockets = watch.seats;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signals = signalfd(-1, &set, SFD_CLOEXEC);
	if (signals < 0) {
		pmr_error(&error, -errno, "cannot wait for signals (%s)", "free some descriptors",
			  strerror(errno));
		watch_fail(&watch, &error);
	}
	if (!watch.done && !adopt->pidfile && start_with_pid(&watch, &error))
		watch_fail(&watch, &error);
	while (!watch.done) {
		if (watch.process.pidfd < 0)
			seek(&watch);
		if (!watch.done && watch.process.pidfd >= 0)
			watch_look(&watch);
		if (!watch.done)
			wait_a_while(&watch, signals);
	}
	for (i = 0; i < watch.n; i++)
		pmreuseport_free(watch.seats[i].member);
	process_close(&watch.process);
	if (signals >= 0)
		close(signals);
	return watch.status;
}
