/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "targets.h"

#include "common/decimal.h"
#include "common/refuse.h"

#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <string.h>

static int split_target(const char *text, char *host, size_t host_len, const char **port)
{
	const char *end, *from = text;

	if (*text == '[') {
		from++;
		end = strchr(from, ']');
		if (!end || end[1] != ':')
			return -EINVAL;
		*port = end + 2;
	} else {
		end = strchr(text, ':');
		/* A second colon: an IPv6 address that lacks its brackets. */
		if (!end || strchr(end + 1, ':'))
			return -EINVAL;
		*port = end + 1;
	}
	if (end == from || (size_t)(end - from) >= host_len || !**port)
		return -EINVAL;
	memcpy(host, from, (size_t)(end - from));
	host[end - from] = '\0';
	return 0;
}

static bool port_ok(const char *port)
{
	uint64_t value;

	return decimal(port, UINT16_MAX, &value) && value > 0;
}

int targets_add(struct targets *to, const char *text, struct pmreuseport_error *error)
{
	/* Not inet_pton(), which does not accept fe80::1%eth0. */
	struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
		.ai_socktype = SOCK_DGRAM,
	};
	struct addrinfo *res = NULL;
	struct target *slot;
	const char *port;
	char host[128];

	if (split_target(text, host, sizeof(host), &port) || !port_ok(port) ||
	    getaddrinfo(host, port, &hints, &res))
		return refuse(error, -EINVAL,
			      "give ADDR:PORT or [ADDR]:PORT, with a port from 1 to 65535",
			      "--to '%.100s' is not a target", text);
	slot = res->ai_family == AF_INET6 ? &to->v6 : &to->v4;
	if (slot->len) {
		freeaddrinfo(res);
		return refuse(error, -EEXIST, "give one for each family",
			      "--to '%.100s' is a second target of its address family", text);
	}
	memcpy(&slot->addr, res->ai_addr, res->ai_addrlen);
	slot->len = res->ai_addrlen;
	freeaddrinfo(res);
	return 0;
}

const struct target *targets_for(const struct targets *to, const struct ip_addr *source)
{
	const struct target *t = source->family == AF_INET6 ? &to->v6 : &to->v4;

	return t->len ? t : NULL;
}

int targets_check(const struct targets *to, const struct sources *from,
		  struct pmreuseport_error *error)
{
	size_t i;
	int ip;

	for (i = 0; i < from->count; i++) {
		if (targets_for(to, &from->list[i]))
			continue;
		ip = from->list[i].family == AF_INET6 ? 6 : 4;
		return refuse(error, -EDESTADDRREQ,
			      ip == 6 ? "add --to [ADDR]:PORT" : "add --to ADDR:PORT",
			      "there is an IPv%d source, but no IPv%d target", ip, ip);
	}
	return 0;
}
