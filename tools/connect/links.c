/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One connection, or one UDP socket: a state machine that never blocks. */
#include "links.h"

#include "common/source_socket.h"

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

/* Answers to read at a time, before it is the turn of other links. */
#define BATCH 64

static void settle(struct run *run, struct link *link)
{
	if (!link->waited_for)
		return;
	link->waited_for = false;
	run->waiting--;
}

static void over(struct run *run, struct link *link)
{
	settle(run, link);
	link->state = LINK_OVER;
	if (link->fd >= 0)
		close(link->fd);
	link->fd = -1;
}

static void failed(struct run *run, struct link *link, int error)
{
	const struct ip_addr *source = &run->sources.list[link->source];
	char text[INET6_ADDRSTRLEN];

	if (!run->count.failed++)
		snprintf(run->first_failure, sizeof(run->first_failure), "%s%s%s",
			 source->family ? ip_format(source, text) : "", source->family ? ": " : "",
			 strerror(error));
	over(run, link);
}

static void not_opened(struct run *run, struct link *link, int error)
{
	if (error == ECONNREFUSED) {
		run->count.refused++;
		over(run, link);
	} else if (error == ETIMEDOUT) {
		run->count.timed_out++;
		over(run, link);
	} else {
		failed(run, link, error);
	}
}

static int note(struct run *run, struct link *link, const char *text, size_t len)
{
	run->count.answered++;
	if (!answers_note(&run->answers, link->source, text, len))
		return 0;
	warnx("out of memory for an answer; use fewer sources");
	return -ENOMEM;
}

static void opened(struct run *run, struct link *link)
{
	run->count.opened++;
	link->state = LINK_OPEN;
	if (!run->opt.udp && run->opt.no_answer)
		settle(run, link);
}

static void note_source(struct run *run, const struct link *link)
{
	struct ip_addr *source = &run->sources.list[link->source];
	struct sockaddr_storage local;
	socklen_t len = sizeof(local);
	uint16_t port;

	if (!source->family && !getsockname(link->fd, (struct sockaddr *)&local, &len))
		ip_from_sockaddr(&local, source, &port);
}

static int watch(struct run *run, struct link *link)
{
	struct epoll_event event = {
		.events = EPOLLIN | (link->state == LINK_CONNECTING ? EPOLLOUT : 0),
		.data.ptr = link,
	};

	if (!epoll_ctl(run->epoll, EPOLL_CTL_ADD, link->fd, &event))
		return 0;
	warn("cannot wait for a socket (/proc/sys/fs/epoll has the limits)");
	return -errno;
}

static int open_link(struct run *run, struct link *link)
{
	const struct ip_addr *source = &run->sources.list[link->source];
	const int type = (run->opt.udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_NONBLOCK;
	int ret;

	if (run->opt.from.n) {
		link->fd = source_socket(type, source);
	} else {
		link->fd = socket(run->to.ss_family, type | SOCK_CLOEXEC, 0);
		if (link->fd < 0)
			link->fd = -errno;
	}
	if (link->fd < 0) {
		failed(run, link, -link->fd);
		return 0;
	}
	ret = connect(link->fd, (struct sockaddr *)&run->to, run->to_len) ? errno : 0;
	if (ret && ret != EINPROGRESS) {
		not_opened(run, link, ret);
		return 0;
	}
	note_source(run, link);
	link->state = LINK_CONNECTING;
	if (!ret)
		opened(run, link);
	return watch(run, link);
}

static void settle_if_done(struct run *run, struct link *link)
{
	if (link->settled >= (run->cut ? link->sent : run->opt.datagrams))
		settle(run, link);
}

static void refused_datagram(struct run *run, struct link *link)
{
	run->count.refused++;
	link->settled++;
	settle_if_done(run, link);
}

static int send_datagram(struct run *run, struct link *link)
{
	char text[64];
	const int len = snprintf(text, sizeof(text), "pmreuseport-connect %u\n", link->sent);
	int tries;

	for (tries = 0; tries < 2; tries++) {
		if (send(link->fd, text, (size_t)len, MSG_DONTWAIT) >= 0) {
			run->count.sent++;
			link->sent++;
			if (run->opt.no_answer && link->sent == run->opt.datagrams)
				settle(run, link);
			return 0;
		}
		if (errno == EAGAIN || errno == ENOBUFS || errno == EINTR)
			return 1;
		if (errno != ECONNREFUSED)
			break;
		/* The result of an earlier datagram; this one was not sent. */
		refused_datagram(run, link);
	}
	if (errno != ECONNREFUSED)
		failed(run, link, errno);
	return 0;
}

int link_start(struct run *run, struct link *link)
{
	int err = 0;

	if (link->state == LINK_NEW)
		err = open_link(run, link);
	if (err || link->state != LINK_OPEN || !run->opt.udp)
		return err;
	return send_datagram(run, link);
}

static int read_datagrams(struct run *run, struct link *link)
{
	char text[2048];
	unsigned int i;
	ssize_t len;
	int err = 0;

	for (i = 0; i < BATCH && !err; i++) {
		len = recv(link->fd, text, sizeof(text), MSG_DONTWAIT);
		if (len >= 0) {
			err = note(run, link, text, (size_t)len);
			link->settled++;
			settle_if_done(run, link);
		} else if (errno == ECONNREFUSED) {
			refused_datagram(run, link);
		} else {
			if (errno != EAGAIN && errno != EINTR)
				failed(run, link, errno);
			break;
		}
	}
	return err;
}

/* The first line, or the part of it that came before the connection ended. */
static int note_line(struct run *run, struct link *link)
{
	link->answered = true;
	settle(run, link);
	return note(run, link, link->text, link->len);
}

static int read_stream(struct run *run, struct link *link)
{
	char rest[4096];
	ssize_t len;
	int err = 0;

	if (link->answered) /* only the end of the connection still matters */
		len = recv(link->fd, rest, sizeof(rest), MSG_DONTWAIT);
	else
		len = recv(link->fd, link->text + link->len, ANSWER_MAX - link->len, MSG_DONTWAIT);
	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (len <= 0) {
		if (!link->answered && link->len)
			err = note_line(run, link);
		run->count.closed++;
		over(run, link);
		return err;
	}
	if (link->answered)
		return 0;
	link->len += (size_t)len;
	if (link->len == ANSWER_MAX || memchr(link->text, '\n', link->len))
		return note_line(run, link);
	return 0;
}

static int connected(struct run *run, struct link *link)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = link};
	socklen_t len = sizeof(int);
	int error = 0;

	if (getsockopt(link->fd, SOL_SOCKET, SO_ERROR, &error, &len))
		error = errno;
	if (error) {
		not_opened(run, link, error);
		return 0;
	}
	opened(run, link);
	if (!epoll_ctl(run->epoll, EPOLL_CTL_MOD, link->fd, &event))
		return 0;
	warn("cannot wait for a socket");
	return -errno;
}

int link_ready(struct run *run, struct link *link, uint32_t events)
{
	if (link->state == LINK_CONNECTING)
		return events & (EPOLLOUT | EPOLLERR | EPOLLHUP) ? connected(run, link) : 0;
	if (link->state != LINK_OPEN)
		return 0;
	return run->opt.udp ? read_datagrams(run, link) : read_stream(run, link);
}

void links_cut(struct run *run)
{
	uint32_t i;

	run->cut = true;
	for (i = 0; i < run->n_links; i++) {
		struct link *link = &run->links[i];

		if (link->state == LINK_NEW)
			settle(run, link);
		else if (run->opt.udp)
			settle_if_done(run, link);
	}
}

int links_finish(struct run *run)
{
	uint32_t i;
	int err = 0;

	for (i = 0; i < run->n_links && !err; i++) {
		struct link *link = &run->links[i];

		if (link->state == LINK_CONNECTING) {
			run->count.timed_out++;
			over(run, link);
		} else if (link->state == LINK_OPEN && !run->opt.udp && !link->answered &&
			   link->len) {
			err = note_line(run, link);
		}
	}
	return err;
}
