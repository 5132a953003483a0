/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sources.h"

#include "array.h"
#include "decimal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int source_range(const char *text, struct ip_addr *first, struct ip_addr *last, uint32_t *count)
{
	const char *plus = strchr(text, '+');
	size_t len = plus ? (size_t)(plus - text) : strlen(text);
	char host[INET6_ADDRSTRLEN];
	uint64_t value = 1;

	if (len >= sizeof(host))
		return -EINVAL;
	memcpy(host, text, len);
	host[len] = '\0';
	if (plus && (!decimal(plus + 1, SOURCES_MAX, &value) || value < 1))
		return -EINVAL;
	*count = (uint32_t)value;
	if (ip_parse(host, first) || ip_add(first, *count - 1, last))
		return -EINVAL;
	return 0;
}

int sources_add(struct sources *from, const char *text, char *why, size_t why_len)
{
	struct ip_addr first, last, *added;
	uint32_t count, i;
	size_t k;

	if (source_range(text, &first, &last, &count)) {
		snprintf(why, why_len,
			 "'%s' is not a source; give ADDR or ADDR+N, with N from 1 to %u", text,
			 SOURCES_MAX);
		return -EINVAL;
	}
	for (k = 0; k < from->count; k++) {
		if (ip_cmp(&from->list[k], &first) < 0 || ip_cmp(&from->list[k], &last) > 0)
			continue;
		snprintf(why, why_len, "'%s' repeats an address; give each address once", text);
		return -EEXIST;
	}
	if (from->count + count > SOURCES_MAX) {
		snprintf(why, why_len, "'%s' makes more than %u sources; use several runs", text,
			 SOURCES_MAX);
		return -E2BIG;
	}
	for (i = 0; i < count; i++) {
		added = array_add(&from->list, &from->count);
		if (!added) {
			snprintf(why, why_len, "out of memory for '%s'; name fewer sources", text);
			return -ENOMEM;
		}
		ip_add(&first, i, added);
	}
	return 0;
}

void sources_free(struct sources *from)
{
	free(from->list);
	from->list = NULL;
	from->count = 0;
}
