/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sources.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
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
	unsigned long value;
	char *end;

	if (*port < '0' || *port > '9')
		return false;
	value = strtoul(port, &end, 10);
	return !*end && value >= 1 && value <= 65535;
}

int targets_add(struct targets *to, const char *text, char *why, size_t why_len)
{
	/* getaddrinfo() and not inet_pton(): it knows fe80::1%eth0. */
	struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
		.ai_socktype = SOCK_DGRAM,
	};
	struct addrinfo *res = NULL;
	struct target *slot;
	const char *port;
	char host[128];

	if (split_target(text, host, sizeof(host), &port) || !port_ok(port) ||
	    getaddrinfo(host, port, &hints, &res)) {
		snprintf(why, why_len,
			 "'%s' is no target; write ADDR:PORT or [ADDR]:PORT with a port "
			 "from 1 to 65535",
			 text);
		return -EINVAL;
	}
	slot = res->ai_family == AF_INET6 ? &to->v6 : &to->v4;
	if (slot->len) {
		snprintf(why, why_len,
			 "'%s' is a second target of its address family; give --to once per "
			 "family",
			 text);
		freeaddrinfo(res);
		return -EEXIST;
	}
	memcpy(&slot->addr, res->ai_addr, res->ai_addrlen);
	slot->len = res->ai_addrlen;
	freeaddrinfo(res);
	return 0;
}

static int parse_range(const char *text, struct ip_addr *first, struct ip_addr *last,
		       uint32_t *count)
{
	const char *plus = strchr(text, '+');
	size_t len = plus ? (size_t)(plus - text) : strlen(text);
	char host[INET6_ADDRSTRLEN];
	unsigned long value = 1;
	char *end;

	if (len >= sizeof(host))
		return -EINVAL;
	memcpy(host, text, len);
	host[len] = '\0';
	if (plus) {
		if (plus[1] < '0' || plus[1] > '9')
			return -EINVAL;
		value = strtoul(plus + 1, &end, 10);
		if (*end || value < 1 || value > SOURCES_MAX)
			return -EINVAL;
	}
	*count = (uint32_t)value;
	if (ip_parse(host, first) || ip_add(first, *count - 1, last))
		return -EINVAL;
	return 0;
}

int sources_add(struct sources *from, const char *text, char *why, size_t why_len)
{
	struct ip_addr first, last, *grown;
	uint32_t count, i;
	size_t k;

	if (parse_range(text, &first, &last, &count)) {
		snprintf(why, why_len,
			 "'%s' is no source; write ADDR or ADDR+N with an address and a count "
			 "from 1 to %u",
			 text, SOURCES_MAX);
		return -EINVAL;
	}
	for (k = 0; k < from->count; k++) {
		if (ip_cmp(&from->list[k], &first) < 0 || ip_cmp(&from->list[k], &last) > 0)
			continue;
		snprintf(why, why_len,
			 "'%s' repeats an address of an earlier --source; name each address once",
			 text);
		return -EEXIST;
	}
	if (from->count + count > SOURCES_MAX) {
		snprintf(why, why_len,
			 "'%s' makes more than %u sources; run the generator several times", text,
			 SOURCES_MAX);
		return -E2BIG;
	}
	grown = reallocarray(from->list, from->count + count, sizeof(*grown));
	if (!grown) {
		snprintf(why, why_len, "there is no memory for '%s'; name fewer sources", text);
		return -ENOMEM;
	}
	from->list = grown;
	for (i = 0; i < count; i++)
		ip_add(&first, i, &grown[from->count++]);
	return 0;
}

void sources_free(struct sources *from)
{
	free(from->list);
	from->list = NULL;
	from->count = 0;
}

const struct target *targets_for(const struct targets *to, const struct ip_addr *source)
{
	const struct target *t = source->family == AF_INET6 ? &to->v6 : &to->v4;

	return t->len ? t : NULL;
}

const char *targets_missing(const struct targets *to, const struct sources *from)
{
	size_t i;

	for (i = 0; i < from->count; i++) {
		if (targets_for(to, &from->list[i]))
			continue;
		return from->list[i].family == AF_INET6
			       ? "there is an IPv6 source, but no IPv6 target; add --to [ADDR]:PORT"
			       : "there is an IPv4 source, but no IPv4 target; add --to ADDR:PORT";
	}
	return NULL;
}
