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

/* Sources of a run that names prefixes but no number. */
#define SOURCES_DEFAULT 100u

struct options {
	struct source_ranges from;
	const char *address;
	uint16_t port;
	int family; /* AF_UNSPEC: whatever the address is */
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
	uint32_t settled; /* of them, those that are answered or refused */
	bool waited_for;
	bool answered; /* TCP */
	char text[ANSWER_MAX + 1];
	size_t len;
};

/* Connections; the last three: connections, or datagrams. */
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
	struct sources sources; /* one, of family 0, if the kernel is to choose */
	struct link *links;
	uint32_t n_links;
	uint32_t waiting; /* links that something is still expected of */
	int epoll;
	int signals;
	bool told_to_stop; /* what it does now */
	bool interrupted;  /* not all was done */
	bool cut;	   /* nothing more is started */
	struct counts count;
	char first_failure[128];
	struct answers answers;
};

#endif
