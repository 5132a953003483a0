/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sources.h"

#include "array.h"
#include "decimal.h"
#include "refuse.h"

#include <errno.h>
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

int sources_add(struct sources *from, const char *option, const char *text,
		struct pmreuseport_error *error)
{
	struct ip_addr first, last, *added;
	uint32_t count, i;
	size_t k;

	if (source_range(text, &first, &last, &count))
		return refuse(error, -EINVAL, "give ADDR or ADDR+N, with N from 1 to 65536",
			      "%s '%.100s' is not a source", option, text);
	for (k = 0; k < from->count; k++) {
		if (ip_cmp(&from->list[k], &first) < 0 || ip_cmp(&from->list[k], &last) > 0)
			continue;
		return refuse(error, -EEXIST, "give each address once",
			      "%s '%.100s' repeats an address", option, text);
	}
	if (from->count + count > SOURCES_MAX)
		return refuse(error, -E2BIG, "use several runs",
			      "%s '%.100s' makes more than %u sources", option, text, SOURCES_MAX);
	for (i = 0; i < count; i++) {
		added = array_add(&from->list, &from->count);
		if (!added)
			return refuse(error, -ENOMEM, "give fewer sources",
				      "out of memory for %s '%.100s'", option, text);
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
