/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GEN_BMP_SESSION_H
#define GEN_BMP_SESSION_H

#include "bmp_stream.h"
#include "targets.h"

#define BMP_HOLD_FOREVER UINT64_MAX
#define BMP_CHUNK 8192

struct bmp_options {
	struct targets to;
	struct sources from;
	struct bmp_table table;
	uint64_t hold_s;
	uint32_t timeout_s;
	bool reconnect;
	bool quiet;
};

enum bmp_state {
	BMP_WAITING, /* for the next attempt to connect */
	BMP_CONNECTING,
	BMP_SENDING,
	BMP_DRAINING, /* all data is sent, but not yet acknowledged */
	BMP_SENT,
	BMP_TERMINATING,
	BMP_CLOSED, /* by this end, after the Termination */
	BMP_LOST,   /* closed by the collector */
	BMP_FAILED, /* cannot connect, or the collector does not read */
	BMP_STATE_COUNT,
};

struct bmp_session {
	struct bmp_stream stream;
	const struct target *to;
	enum bmp_state state;
	int fd;
	int error; /* errno behind LOST or FAILED, 0: end of file */
	uint16_t port;
	uint32_t attempts; /* to connect */
	uint64_t retry_ns;
	uint64_t give_up_ns; /* no new attempt from then on */
	uint64_t timeout_ns;
	uint64_t deadline_ns; /* timeout_ns after the collector last accepted data */
	int unacked;
	struct wbuf out;
	size_t out_sent;
	uint64_t pending[BMP_TYPE_COUNT]; /* messages in 'out' */
	uint64_t messages[BMP_TYPE_COUNT];
	uint64_t bytes;
	uint8_t chunk[BMP_CHUNK];
};

/* Each step returns 0 or a negative errno, and leaves the session in a state. */
int bmp_session_init(struct bmp_session *s, const struct bmp_options *opt, uint32_t router);
int bmp_session_connect(struct bmp_session *s, int epfd);
int bmp_session_event(struct bmp_session *s, int epfd, uint32_t events);
int bmp_session_terminate(struct bmp_session *s, int epfd);
int bmp_session_tick(struct bmp_session *s, int epfd, uint64_t now);
void bmp_session_drop(struct bmp_session *s, enum bmp_state state, int error);
const char *bmp_state_name(enum bmp_state state);

/* Whether the session has yet to reach a final state. */
static inline bool bmp_session_busy(const struct bmp_session *s)
{
	return s->state == BMP_WAITING || s->state == BMP_CONNECTING || s->state == BMP_SENDING ||
	       s->state == BMP_DRAINING || s->state == BMP_TERMINATING;
}

#endif
