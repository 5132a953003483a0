/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state of pmreuseport-connect. */
#ifndef CONNECT_CONNECT_H
#define CONNECT_CONNECT_H

#include "answers.h"
#include "source_ranges.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#define LINKS_MAX 65536u

/* Sources without --sources. */
#define SOURCES_DEFAULT 100u

struct options {
	struct source_ranges from;
	const char *address;
	uint16_t port;
	int family; /* AF_UNSPEC: that of the address */
	uint32_t connections;
	uint32_t sources;
	uint32_t datagrams; /* per link */
	uint32_t timeout;   /* seconds */
	uint32_t hold;	    /* seconds */
	uint32_t rate;
	bool udp;
	bool no_answer;
	bool verbose;
	bool json;
};

enum link_state {
	LINK_NEW,
	LINK_CONNECTING,
	LINK_OPEN,
	LINK_OVER, /* refused, failed or closed by the other end */
};

/* A TCP connection, or a UDP socket. */
struct link {
	int fd;
	enum link_state state;
	uint32_t source;
	uint32_t sent;	  /* datagrams */
	uint32_t settled; /* datagrams that were answered or refused */
	bool waited_for;
	bool answered; /* TCP */
	char text[ANSWER_MAX + 1];
	size_t len;
};

/* Of connections; the last three: of connections, or of datagrams. */
struct counts {
	uint64_t opened;
	uint64_t closed;
	uint64_t timed_out;
	uint64_t sent; /* datagrams */
	uint64_t answered;
	uint64_t refused;
	uint64_t failed;
};

struct run {
	struct options opt;
	struct sockaddr_storage to;
	socklen_t to_len;
	struct sources sources; /* one of family 0: the kernel chooses */
	struct link *links;
	uint32_t n_links;
	uint32_t waiting; /* links that still expect something */
	int epoll;
	int signals;
	bool told_to_stop; /* the current phase */
	bool interrupted;  /* the run is incomplete */
	bool cut;	   /* start nothing more */
	struct counts count;
	char first_failure[128];
	struct answers answers;
};

#endif
