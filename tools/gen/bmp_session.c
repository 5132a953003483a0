/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One router's TCP session: a state machine that never blocks. */
#include "bmp_session.h"

#include "common/pacer.h"
#include "common/source_socket.h"

#include <errno.h>
#include <linux/sockios.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define RETRY_NS 100000000ull
#define REASON_ADMIN_CLOSE 0 /* RFC 7854, 4.5 */

const char *bmp_state_name(enum bmp_state state)
{
	static const char *const names[BMP_STATE_COUNT] = {
		[BMP_WAITING] = "waiting",  [BMP_CONNECTING] = "connecting",
		[BMP_SENDING] = "sending",  [BMP_DRAINING] = "draining",
		[BMP_SENT] = "established", [BMP_TERMINATING] = "terminating",
		[BMP_CLOSED] = "closed",    [BMP_LOST] = "lost",
		[BMP_FAILED] = "failed",
	};

	return state < BMP_STATE_COUNT ? names[state] : "?";
}

void bmp_session_drop(struct bmp_session *s, enum bmp_state state, int error)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	s->state = state;
	s->error = error;
}

int bmp_session_init(struct bmp_session *s, const struct bmp_options *opt, uint32_t router)
{
	const struct ip_addr *addr = &opt->from.list[router];

	s->fd = -1;
	s->state = BMP_WAITING;
	s->to = targets_for(&opt->to, addr);
	s->retry_ns = clock_ns();
	s->timeout_ns = opt->timeout_s * 1000000000ull;
	s->give_up_ns = s->retry_ns + s->timeout_ns;
	bmp_stream_init(&s->stream, &opt->table, router, addr, (uint32_t)time(NULL));
	return s->to ? 0 : -EDESTADDRREQ;
}

static int watch(struct bmp_session *s, int epfd, int op, uint32_t events)
{
	struct epoll_event ev = {.events = events, .data.ptr = s};

	return epoll_ctl(epfd, op, s->fd, &ev) ? -errno : 0;
}

static bool connection_error(int error)
{
	return !error || error == ECONNREFUSED || error == ECONNRESET || error == EPIPE;
}

/*
 * Connects again later, as a router does, or gives up. A collector may be starting,
 * and one with a short listen queue resets connections that arrive at once.
 */
static void lost(struct bmp_session *s, int error)
{
	uint64_t now = clock_ns();
	bool up = s->state != BMP_CONNECTING;

	if (s->state != BMP_TERMINATING && now < s->give_up_ns && connection_error(error)) {
		bmp_session_drop(s, BMP_WAITING, error);
		s->retry_ns = now + RETRY_NS;
	} else {
		bmp_session_drop(s, up ? BMP_LOST : BMP_FAILED, error);
	}
}

int bmp_session_connect(struct bmp_session *s, int epfd)
{
	int ret;

	s->fd = source_socket(SOCK_STREAM | SOCK_NONBLOCK, &s->stream.addr);
	if (s->fd < 0) {
		ret = s->fd;
		bmp_session_drop(s, BMP_FAILED, -ret);
		return ret;
	}
	/* A new connection needs the whole table again. */
	bmp_stream_rewind(&s->stream);
	wbuf_init(&s->out, s->chunk, sizeof(s->chunk));
	memset(s->pending, 0, sizeof(s->pending));
	memset(s->messages, 0, sizeof(s->messages));
	s->out_sent = 0;
	s->bytes = 0;
	s->attempts++;
	s->deadline_ns = clock_ns() + s->timeout_ns;
	s->state = BMP_CONNECTING;
	if (connect(s->fd, (const struct sockaddr *)&s->to->addr, s->to->len) &&
	    errno != EINPROGRESS) {
		lost(s, errno);
		return 0;
	}
	ret = socket_local_port(s->fd);
	if (ret >= 0) {
		s->port = (uint16_t)ret;
		ret = watch(s, epfd, EPOLL_CTL_ADD, EPOLLOUT);
	}
	if (ret)
		bmp_session_drop(s, BMP_FAILED, -ret);
	return ret;
}

static int refill(struct bmp_session *s)
{
	int i;

	for (i = 0; i < BMP_TYPE_COUNT; i++) {
		s->messages[i] += s->pending[i];
		s->pending[i] = 0;
	}
	s->out_sent = 0;
	s->out.len = 0;
	return bmp_stream_fill(&s->stream, &s->out, s->pending);
}

static int all_sent(struct bmp_session *s, int epfd)
{
	if (s->state == BMP_TERMINATING) {
		bmp_session_drop(s, BMP_CLOSED, 0);
		return 0;
	}
	s->state = BMP_DRAINING;
	return watch(s, epfd, EPOLL_CTL_MOD, EPOLLIN | EPOLLRDHUP);
}

/*
 * With a full listen queue, connect() and send() succeed although the collector does not
 * have the connection: only acknowledged data proves a session.
 */
static void drain(struct bmp_session *s)
{
	int unacked;

	if (ioctl(s->fd, SIOCOUTQ, &unacked)) {
		lost(s, errno);
		return;
	}
	if (!unacked)
		s->state = BMP_SENT;
	if (unacked != s->unacked)
		s->deadline_ns = clock_ns() + s->timeout_ns;
	s->unacked = unacked;
}

static int send_more(struct bmp_session *s, int epfd)
{
	ssize_t n;
	int ret;

	for (;;) {
		if (s->out_sent == s->out.len) {
			ret = refill(s);
			if (ret) {
				bmp_session_drop(s, BMP_FAILED, -ret);
				return ret;
			}
			if (!s->out.len)
				return all_sent(s, epfd);
		}
		n = send(s->fd, s->out.data + s->out_sent, s->out.len - s->out_sent, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return 0;
		if (n < 0) {
			lost(s, errno);
			return 0;
		}
		s->out_sent += (size_t)n;
		s->bytes += (uint64_t)n;
		s->deadline_ns = clock_ns() + s->timeout_ns;
	}
}

static int connected(struct bmp_session *s, int epfd)
{
	socklen_t len = sizeof(int);
	int error = 0;

	if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &len))
		error = errno;
	if (error) {
		lost(s, error);
		return 0;
	}
	s->error = 0;
	s->state = BMP_SENDING;
	return send_more(s, epfd);
}

/* A collector sends nothing in BMP (RFC 7854, 3.2): this finds the end of the connection. */
static void read_away(struct bmp_session *s)
{
	char buf[512];
	ssize_t n;

	do {
		n = recv(s->fd, buf, sizeof(buf), MSG_DONTWAIT);
	} while (n > 0 || (n < 0 && errno == EINTR));
	if (!n || errno != EAGAIN)
		lost(s, n ? errno : 0);
}

int bmp_session_event(struct bmp_session *s, int epfd, uint32_t events)
{
	switch (s->state) {
	case BMP_CONNECTING:
		return connected(s, epfd);
	case BMP_SENDING:
	case BMP_TERMINATING:
		return send_more(s, epfd);
	case BMP_DRAINING:
	case BMP_SENT:
		if (events)
			read_away(s);
		return 0;
	default:
		return 0;
	}
}

int bmp_session_terminate(struct bmp_session *s, int epfd)
{
	int ret;

	if (s->state != BMP_SENT)
		return 0;
	s->out.len = 0;
	s->out_sent = 0;
	ret = bmp_termination(&s->out, REASON_ADMIN_CLOSE);
	if (ret)
		return ret;
	s->pending[BMP_TERMINATION]++;
	s->state = BMP_TERMINATING;
	s->deadline_ns = clock_ns() + s->timeout_ns;
	ret = watch(s, epfd, EPOLL_CTL_MOD, EPOLLOUT);
	return ret ? ret : send_more(s, epfd);
}

int bmp_session_tick(struct bmp_session *s, int epfd, uint64_t now)
{
	switch (s->state) {
	case BMP_WAITING:
		if (s->attempts && now >= s->give_up_ns)
			bmp_session_drop(s, BMP_FAILED, s->error);
		else if (now >= s->retry_ns)
			return bmp_session_connect(s, epfd);
		return 0;
	case BMP_DRAINING:
		drain(s);
		break;
	case BMP_CONNECTING:
	case BMP_SENDING:
	case BMP_TERMINATING:
		break;
	default:
		return 0;
	}
	if (bmp_session_busy(s) && s->state != BMP_WAITING && now >= s->deadline_ns)
		bmp_session_drop(s, BMP_FAILED, ETIMEDOUT);
	return 0;
}
