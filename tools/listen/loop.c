/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The event loop, and its end. */
#include "loop.h"

#include "common/descriptors.h"
#include "common/pacer.h"
#include "membership.h"
#include "ports.h"
#include "report.h"
#include "sessions.h"

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define NS_PER_S 1000000000ull
#define NS_PER_MS 1000000ull
#define NEVER UINT64_MAX

int listen_watch(struct listen *listen, struct watched *watched)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = watched};

	if (!epoll_ctl(listen->epoll, EPOLL_CTL_ADD, watched->fd, &event))
		return 0;
	warn("cannot wait for a socket (/proc/sys/fs/epoll has the limits)");
	return -errno;
}

/* Not blocked: a signal must interrupt a write to a full pipe. */
static int stop_fd = -1;

static void on_signal(int number)
{
	const uint64_t one = 1;
	const int saved = errno;

	(void)number;
	/* It fails only when the counter is full, and then a signal is pending anyway. */
	(void)!write(stop_fd, &one, sizeof(one));
	errno = saved;
}

static int stop_ready(struct listen *listen, struct watched *watched)
{
	uint64_t n;

	listen->told_to_stop |= read(watched->fd, &n, sizeof(n)) == sizeof(n);
	return 0;
}

static int watch_signals(struct listen *listen)
{
	const struct sigaction stop = {.sa_handler = on_signal}; /* no SA_RESTART */

	listen->stop.ready = stop_ready;
	listen->stop.fd = stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	/* A closed pipe is a write error like any other: leave the buckets first. */
	if (stop_fd < 0 || signal(SIGPIPE, SIG_IGN) == SIG_ERR || sigaction(SIGTERM, &stop, NULL) ||
	    sigaction(SIGINT, &stop, NULL)) {
		warn("cannot wait for signals");
		return -errno;
	}
	return listen_watch(listen, &listen->stop);
}

static int watch_all(struct listen *listen)
{
	unsigned int i;
	int err;

	listen->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (listen->epoll < 0) {
		warn("cannot wait for sockets");
		return -errno;
	}
	err = watch_signals(listen);
	for (i = 0; i < listen->n_ports && !err; i++)
		err = listen_watch(listen, &listen->ports[i].watched);
	return err;
}

/* One event at a time: handling it may free what another event points to. */
static int wait_and_read(struct listen *listen, uint64_t until)
{
	const uint64_t now = clock_ns();
	struct epoll_event event;
	struct watched *watched;
	int n, ms = until > now ? (int)((until - now + NS_PER_MS - 1) / NS_PER_MS) : 0;

	n = epoll_wait(listen->epoll, &event, 1, ms);
	if (n < 0 && errno != EINTR) {
		warn("cannot wait for sockets");
		return -errno;
	}
	if (n <= 0)
		return 0;
	watched = event.data.ptr;
	return watched->ready(listen, watched);
}

/* Returns why it ends; NULL: a failure that was reported. */
static const char *serve(struct listen *listen)
{
	const uint64_t start = clock_ns();
	const uint64_t end = listen->opt.seconds ? start + listen->opt.seconds * NS_PER_S : NEVER;
	uint64_t look = start + NS_PER_S;

	for (;;) {
		if (wait_and_read(listen, look < end ? look : end) || listen->mute)
			return NULL;
		if (listen->told_to_stop)
			return "signal";
		if (clock_ns() >= end)
			return "time";
		if (clock_ns() < look)
			continue;
		if (!members_held(listen))
			return "lost";
		look = clock_ns() + NS_PER_S;
	}
}

static int drain(struct listen *listen)
{
	const uint64_t until = clock_ns() + DRAIN_NS;
	int err = 0;

	while (!err && clock_ns() < until)
		err = wait_and_read(listen, until);
	return err;
}

static void close_all(struct listen *listen)
{
	exporters_free(&listen->exporters);
	ports_close(listen);
	if (listen->stop.fd >= 0)
		close(listen->stop.fd);
	if (listen->epoll >= 0)
		close(listen->epoll);
}

int listen_run(struct listen *listen)
{
	const char *why = NULL;
	int err;

	listen->epoll = listen->stop.fd = -1;
	TAILQ_INIT(&listen->sessions);
	listen->exporters.max = listen->opt.remember;
	listen->answer_len = (size_t)snprintf(listen->answer, sizeof(listen->answer),
					      "bucket %u pid %d cluster %s\n", listen->opt.index,
					      (int)getpid(), listen->opt.cluster);

	err = raise_descriptor_limit((uint64_t)listen->opt.sessions + listen->n_ports);
	if (!err)
		err = ports_open(listen);
	if (!err)
		err = members_join(listen);
	if (err)
		goto out;
	err = watch_all(listen);
	if (!err) {
		report_ready(listen);
		why = serve(listen);
	}
	/* Drain only after all buckets are left, which may take a second each. */
	err = members_leave(listen);
	if (!err && why)
		report_left(listen, why);
	if (drain(listen) || !why)
		err = -EIO;
	sessions_close(listen);
	report_totals(listen);
out:
	close_all(listen);
	return err || listen->mute ? 1 : 0;
}
