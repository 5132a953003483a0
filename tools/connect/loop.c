/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The loop: start links when they are due and read answers, until all are there or time is up. */
#include "loop.h"

#include "common/descriptors.h"
#include "common/pacer.h"
#include "links.h"
#include "report.h"

#include <err.h>
#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define NS_PER_S 1000000000ull
#define NS_PER_MS 1000000ull

/* Starts at a time, before reading answers. */
#define BATCH 16

/* What to start, and when. */
struct plan {
	uint64_t start_ns;
	uint64_t next;
	uint64_t all;
};

static int resolve(struct run *run)
{
	const struct options *opt = &run->opt;
	struct addrinfo hints = {
		.ai_flags = AI_NUMERICSERV,
		.ai_family = opt->from.n ? opt->from.range[0].first.family : opt->family,
		.ai_socktype = opt->udp ? SOCK_DGRAM : SOCK_STREAM,
	};
	struct addrinfo *found = NULL;
	char port[8];
	int err;

	snprintf(port, sizeof(port), "%u", opt->port);
	err = getaddrinfo(opt->address, port, &hints, &found);
	if (err) {
		warnx("cannot resolve '%.255s'%s (%s); give another address", opt->address,
		      hints.ai_family == AF_INET6  ? " for IPv6"
		      : hints.ai_family == AF_INET ? " for IPv4"
						   : "",
		      gai_strerror(err));
		return -EINVAL;
	}
	memcpy(&run->to, found->ai_addr, found->ai_addrlen);
	run->to_len = found->ai_addrlen;
	freeaddrinfo(found);
	return 0;
}

static int make_links(struct run *run)
{
	struct sources *sources = &run->sources;
	uint32_t i;
	int err = 0;

	if (run->opt.from.n)
		err = ranges_take(&run->opt.from, run->opt.sources, sources);
	else
		sources->list = calloc(sources->count = 1, sizeof(*sources->list));
	run->n_links = run->opt.connections;
	run->links = calloc(run->n_links, sizeof(*run->links));
	if (err || !sources->list || !run->links ||
	    answers_init(&run->answers, (uint32_t)sources->count)) {
		warnx("out of memory for %u connections; use fewer", run->n_links);
		return -ENOMEM;
	}
	for (i = 0; i < run->n_links; i++) {
		run->links[i].fd = -1;
		run->links[i].source = i % sources->count;
		run->links[i].waited_for = true;
	}
	run->waiting = run->n_links;
	return raise_descriptor_limit(run->n_links);
}

static int prepare_to_wait(struct run *run)
{
	struct epoll_event event = {.events = EPOLLIN};
	sigset_t stop;

	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGINT);
	run->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (sigprocmask(SIG_BLOCK, &stop, NULL) || run->epoll < 0)
		goto fail;
	run->signals = signalfd(-1, &stop, SFD_CLOEXEC | SFD_NONBLOCK);
	if (run->signals < 0 || epoll_ctl(run->epoll, EPOLL_CTL_ADD, run->signals, &event))
		goto fail;
	return 0;
fail:
	warn("cannot wait for sockets and signals");
	return -errno;
}

static void read_signal(struct run *run)
{
	struct signalfd_siginfo info;

	run->told_to_stop |= read(run->signals, &info, sizeof(info)) == sizeof(info);
}

/* One event at a time: handling it may close the link of another. 1: there was one. */
static int wait_and_read(struct run *run, uint64_t until)
{
	const uint64_t now = clock_ns();
	const int ms = until > now ? (int)((until - now + NS_PER_MS - 1) / NS_PER_MS) : 0;
	struct epoll_event event;
	int n = epoll_wait(run->epoll, &event, 1, ms), err;

	if (n < 0 && errno != EINTR) {
		warn("cannot wait for sockets");
		return -errno;
	}
	if (n <= 0)
		return 0;
	if (!event.data.ptr) {
		read_signal(run);
		return 0;
	}
	err = link_ready(run, event.data.ptr, event.events);
	return err ? err : 1;
}

/* Reads what has arrived, without waiting. */
static int read_all(struct run *run)
{
	int ret;

	do
		ret = wait_and_read(run, 0);
	while (ret > 0);
	return ret;
}

static uint64_t due_ns(const struct run *run, const struct plan *plan)
{
	const uint32_t rate = run->opt.rate;

	if (!rate)
		return plan->start_ns;
	return plan->start_ns + plan->next / rate * NS_PER_S + plan->next % rate * NS_PER_S / rate;
}

/* *due: when the next link is due; in a millisecond if the kernel has no room. */
static int start_due(struct run *run, struct plan *plan, uint64_t *due)
{
	unsigned int i;
	int ret;

	for (i = 0; i < BATCH && plan->next < plan->all; i++) {
		*due = due_ns(run, plan);
		if (*due > clock_ns())
			return 0;
		ret = link_start(run, &run->links[plan->next % run->n_links]);
		if (ret > 0)
			*due = clock_ns() + NS_PER_MS;
		if (ret)
			return ret < 0 ? ret : 0;
		plan->next++;
	}
	*due = clock_ns();
	return 0;
}

/* True once for each signal: it ends the current phase, not the next one. */
static bool stopped(struct run *run)
{
	const bool stop = run->told_to_stop;

	run->told_to_stop = false;
	return stop;
}

static int start_all(struct run *run, struct plan *plan)
{
	uint64_t due;
	int ret = 0;

	while (plan->next < plan->all && ret >= 0) {
		if (stopped(run)) {
			run->interrupted = true;
			links_cut(run);
			return 0;
		}
		ret = start_due(run, plan, &due);
		if (!ret)
			ret = wait_and_read(run, due);
		if (ret > 0)
			ret = read_all(run);
	}
	return ret < 0 ? ret : 0;
}

static int await_all(struct run *run)
{
	const uint64_t until = clock_ns() + run->opt.timeout * NS_PER_S;
	int ret = 0;

	while (run->waiting && ret >= 0 && clock_ns() < until) {
		if (stopped(run)) {
			run->interrupted = true;
			break;
		}
		ret = wait_and_read(run, until);
	}
	return ret < 0 ? ret : read_all(run);
}

static int hold(struct run *run)
{
	const uint64_t until = clock_ns() + run->opt.hold * NS_PER_S;
	int ret = 0;

	/* A signal during the hold is not a failure. */
	while (!stopped(run) && ret >= 0 && clock_ns() < until)
		ret = wait_and_read(run, until);
	return ret < 0 ? ret : 0;
}

/* From here on a signal ends the program, even if it is blocked on a full pipe. */
static void give_signals_back(void)
{
	sigset_t stop;

	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGINT);
	sigprocmask(SIG_UNBLOCK, &stop, NULL);
}

static void clean_up(struct run *run)
{
	uint32_t i;

	for (i = 0; run->links && i < run->n_links; i++)
		if (run->links[i].fd >= 0)
			close(run->links[i].fd);
	free(run->links);
	sources_free(&run->sources);
	answers_free(&run->answers);
	if (run->signals >= 0)
		close(run->signals);
	if (run->epoll >= 0)
		close(run->epoll);
}

int connect_run(struct run *run)
{
	struct plan plan = {.start_ns = clock_ns()};
	int err;

	run->epoll = run->signals = -1;
	err = resolve(run);
	if (!err)
		err = make_links(run);
	if (!err)
		err = prepare_to_wait(run);
	if (err)
		goto out;
	plan.all = (uint64_t)run->n_links * (run->opt.udp ? run->opt.datagrams : 1);
	err = start_all(run, &plan);
	if (!err)
		err = await_all(run);
	if (!err)
		err = links_finish(run);
	if (!err && run->opt.hold && !run->interrupted)
		err = hold(run);
out:
	give_signals_back();
	if (!err)
		err = report_result(run);
	clean_up(run);
	return err ? 1 : 0;
}
