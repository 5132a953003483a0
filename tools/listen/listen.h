/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state of pmreuseport-listen. */
#ifndef LISTEN_LISTEN_H
#define LISTEN_LISTEN_H

#include "exporters.h"
#include "pmreuseport.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#define PORTS_MAX PMREUSEPORT_MAX_SOCKETS
#define SESSIONS_DEFAULT 1024u
#define SESSIONS_MAX 65536u

/* Time to read what is queued after leaving the buckets. */
#define DRAIN_NS 2000000000ull

struct listen;

/* A descriptor that the loop waits for: the first member of the struct that it belongs to. */
struct watched {
	int fd;
	/* 0, or a negative errno after a message: the program cannot go on. */
	int (*ready)(struct listen *listen, struct watched *watched);
};

/* A port, and its membership in a hash bucket. */
struct port {
	struct watched watched;
	bool tcp;
	uint16_t number;
	struct pmreuseport_member *member; /* NULL: not joined, or left */
};

/* An open TCP connection. */
struct session {
	struct watched watched;
	TAILQ_ENTRY(session) entry; /* the oldest first */
	struct ip_addr address;
	uint16_t source_port;
	uint16_t port;
	uint64_t bytes;
};

struct options {
	uint32_t count;
	uint32_t index;
	const char *cluster;
	const char *object; /* NULL: the built-in selector */
	const char *seed;   /* NULL: the name of the cluster */
	enum pmreuseport_fallback fallback;
	const char *address; /* NULL: any, of both families */
	uint32_t remember;
	uint32_t sessions;
	uint32_t seconds; /* 0: until a signal */
	bool json;
};

struct totals {
	uint64_t exporters;
	uint64_t items; /* datagrams, or connections */
	uint64_t bytes;
	uint64_t unanswered; /* the kernel did not accept the answer */
};

struct listen {
	struct options opt;
	struct port ports[PORTS_MAX];
	unsigned int n_ports;
	int epoll;
	struct watched stop; /* signals */
	bool told_to_stop;
	bool mute; /* standard output failed */

	TAILQ_HEAD(, session) sessions;
	uint32_t n_sessions;
	struct exporters exporters;

	struct totals udp, tcp;
	uint64_t not_remembered; /* datagrams and connections of exporters beyond the limit */
	uint64_t cut;		 /* connections closed to make room for newer ones */
	uint64_t answers;	 /* datagrams that are answers themselves, and not answered */

	char answer[128];
	size_t answer_len;
};

#endif
