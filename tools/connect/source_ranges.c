/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source_ranges.h"

#include "common/decimal.h"
#include "common/refuse.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/*
 * The hosts of a prefix: without its first address, which is that of the network (IPv6: of
 * its routers), and without the broadcast address of an IPv4 network.
 */
static int parse_prefix(const char *text, const char *slash, struct address_range *range)
{
	char host[INET6_ADDRSTRLEN];
	const size_t n = (size_t)(slash - text);
	unsigned int bits;
	uint64_t len;

	if (n >= sizeof(host))
		return -EINVAL;
	memcpy(host, text, n);
	host[n] = '\0';
	if (ip_parse(host, &range->first) || !decimal(slash + 1, 8 * ip_len(&range->first), &len))
		return -EINVAL;
	ip_mask(range->first.b, (unsigned int)len);
	bits = 8 * (unsigned int)ip_len(&range->first) - (unsigned int)len;
	if (bits > 16)
		range->count = SOURCES_MAX;
	else
		range->count = 1u << bits;
	if (bits < 2)
		return 0;
	ip_add(&range->first, 1, &range->first);
	if (bits <= 16)
		range->count -= range->first.family == AF_INET6 ? 1 : 2;
	return 0;
}

static bool overlap(const struct address_range *a, const struct address_range *b)
{
	struct ip_addr last_a, last_b;

	ip_add(&a->first, a->count - 1, &last_a);
	ip_add(&b->first, b->count - 1, &last_b);
	return ip_cmp(&a->first, &last_b) <= 0 && ip_cmp(&b->first, &last_a) <= 0;
}

int ranges_add(struct source_ranges *from, const char *text, struct pmreuseport_error *error)
{
	const char *slash = strchr(text, '/');
	struct address_range range = {0};
	struct ip_addr last;
	unsigned int i;

	if (slash ? parse_prefix(text, slash, &range)
		  : source_range(text, &range.first, &last, &range.count))
		return refuse(error, -EINVAL,
			      "give ADDR, ADDR+N or ADDR/LENGTH, with N from 1 to 65536",
			      "--from '%.100s' is not a source", text);
	if (from->n == RANGES_MAX)
		return refuse(error, -E2BIG, "give fewer of them, or prefixes",
			      "--from '%.100s' exceeds the maximum of %d", text, RANGES_MAX);
	for (i = 0; i < from->n; i++) {
		if (from->range[i].first.family != range.first.family)
			return refuse(error, -EINVAL, "use two runs",
				      "--from '%.100s' has another address family than those "
				      "before it",
				      text);
		if (overlap(&from->range[i], &range))
			return refuse(error, -EEXIST, "give each address once",
				      "--from '%.100s' repeats an address", text);
	}
	from->range[from->n++] = range;
	return 0;
}

uint32_t ranges_count(const struct source_ranges *from)
{
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < from->n; i++)
		sum += from->range[i].count;
	return sum > SOURCES_MAX ? SOURCES_MAX : (uint32_t)sum;
}

int ranges_take(struct source_ranges *from, uint32_t n, struct sources *sources)
{
	unsigned int i;

	sources->list = calloc(n, sizeof(*sources->list));
	if (!sources->list)
		return -ENOMEM;
	for (i = 0; sources->count < n; i = (i + 1) % from->n) {
		struct address_range *range = &from->range[i];

		if (range->taken < range->count)
			ip_add(&range->first, range->taken++, &sources->list[sources->count++]);
	}
	return 0;
}
