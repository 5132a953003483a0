/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sessions of all routers at once: connect, send, hold, terminate. */
#include "bmp_run.h"

#include "common/descriptors.h"
#include "common/pacer.h"
#include "report.h"

#include <err.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define TICK_MS 10
#define EVENTS 64

static void tick(struct bmp_run *run)
{
	uint64_t now = clock_ns();
	size_t i;

	/* A step that fails leaves its session in the state "failed", which is reported. */
	for (i = 0; i < run->opt->from.count; i++)
		bmp_session_tick(&run->sessions[i], run->epfd, now);
}

static bool busy(const struct bmp_run *run)
{
	size_t i;

	for (i = 0; i < run->opt->from.count; i++) {
		if (bmp_session_busy(&run->sessions[i]))
			return true;
	}
	return false;
}

/* Handles the events of at most 'wait_ms' (-1: waits for one). */
static int poll_once(struct bmp_run *run, int wait_ms)
{
	struct epoll_event ev[EVENTS];
	struct signalfd_siginfo info;
	int n, i;

	n = epoll_wait(run->epfd, ev, EVENTS, wait_ms);
	if (n < 0 && errno != EINTR)
		return -errno;
	for (i = 0; i < n; i++) {
		if (!ev[i].data.ptr)
			run->stop = read(run->sigfd, &info, sizeof(info)) > 0;
		else
			bmp_session_event(ev[i].data.ptr, run->epfd, ev[i].events);
	}
	return 0;
}

/* How long to wait for events: retries, deadlines and draining are polled. */
static int wait_ms(const struct bmp_run *run, uint64_t until)
{
	uint64_t left;

	if (busy(run))
		return TICK_MS;
	if (until == UINT64_MAX)
		return -1;
	left = (until - clock_ns()) / 1000000 + 1;
	return left > INT_MAX ? INT_MAX : (int)left;
}

/* Runs until a signal, until a time, or (0) until all sessions have reached a final state. */
static int loop(struct bmp_run *run, uint64_t until)
{
	uint64_t next_tick = 0, now;
	int ret = 0;

	while (!ret && !run->stop) {
		now = clock_ns();
		if (now >= next_tick) {
			tick(run);
			next_tick = now + TICK_MS * 1000000ull;
		}
		if (until ? now >= until : !busy(run))
			break;
		ret = poll_once(run, wait_ms(run, until));
	}
	return ret;
}

static int hold(struct bmp_run *run)
{
	uint64_t until = UINT64_MAX;
	size_t i;

	for (i = 0; i < run->opt->from.count; i++)
		run->sessions[i].give_up_ns = run->opt->reconnect ? UINT64_MAX : 0;
	if (run->opt->hold_s != BMP_HOLD_FOREVER)
		until = clock_ns() + run->opt->hold_s * 1000000000ull;
	return loop(run, until);
}

static int terminate(struct bmp_run *run)
{
	size_t i;
	int ret;

	for (i = 0; i < run->opt->from.count; i++) {
		run->sessions[i].give_up_ns = 0;
		ret = bmp_session_terminate(&run->sessions[i], run->epfd);
		if (ret)
			return ret;
	}
	run->stop = false; /* a second signal ends this phase too */
	return loop(run, 0);
}

/* A signalfd needs no handler and no global, and does not race with the hold. */
static int open_run(struct bmp_run *run)
{
	struct epoll_event ev = {.events = EPOLLIN, .data.ptr = NULL};
	sigset_t set;

	run->epfd = epoll_create1(EPOLL_CLOEXEC);
	if (run->epfd < 0)
		return -errno;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -errno;
	run->sigfd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (run->sigfd < 0)
		return -errno;
	return epoll_ctl(run->epfd, EPOLL_CTL_ADD, run->sigfd, &ev) ? -errno : 0;
}

static int check_states(const struct bmp_run *run, enum bmp_state good)
{
	size_t i, bad = 0, example = 0;
	const struct bmp_session *s;
	char text[INET6_ADDRSTRLEN];

	for (i = 0; i < run->opt->from.count; i++) {
		if (run->sessions[i].state == good)
			continue;
		if (!bad++)
			example = i;
	}
	if (!bad)
		return 0;
	s = &run->sessions[example];
	warnx("%zu of %zu sessions failed; the first is %s, %s: %s", bad, run->opt->from.count,
	      ip_format(&s->stream.addr, text), bmp_state_name(s->state),
	      s->error ? strerror(s->error) : "closed by the collector");
	return -ECONNABORTED;
}

static int run_phases(struct bmp_run *run)
{
	bool held = run->opt->hold_s > 0;
	int ret, err;

	ret = loop(run, 0);
	if (ret)
		return ret;
	if (!held)
		ret = terminate(run);
	if (!ret)
		ret = report_bmp(run);
	if (ret)
		return ret;
	if (!held)
		return check_states(run, BMP_CLOSED);
	ret = check_states(run, BMP_SENT);
	if (!run->stop) {
		err = hold(run);
		if (err)
			return err;
	}
	err = terminate(run);
	if (err || ret)
		return err ? err : ret;
	return check_states(run, BMP_CLOSED);
}

int bmp_run(const struct bmp_options *opt)
{
	struct bmp_run run = {.opt = opt, .epfd = -1, .sigfd = -1};
	size_t i, ready = 0;
	int ret;

	ret = raise_descriptor_limit(opt->from.count);
	if (ret)
		return ret;
	run.sessions = calloc(opt->from.count, sizeof(*run.sessions));
	if (!run.sessions) {
		warnx("out of memory for %zu routers; use fewer", opt->from.count);
		return -ENOMEM;
	}
	ret = open_run(&run);
	for (; !ret && ready < opt->from.count; ready++)
		ret = bmp_session_init(&run.sessions[ready], opt, (uint32_t)ready);
	if (!ret)
		ret = run_phases(&run);
	if (ret && ret != -ECONNABORTED)
		warnx("cannot continue the sessions: %s", strerror(-ret));
	for (i = 0; i < ready; i++)
		bmp_session_drop(&run.sessions[i], run.sessions[i].state, 0);
	if (run.sigfd >= 0)
		close(run.sigfd);
	if (run.epfd >= 0)
		close(run.epfd);
	free(run.sessions);
	return ret;
}
