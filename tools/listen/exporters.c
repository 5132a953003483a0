/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "exporters.h"

#include <search.h>
#include <stdlib.h>

struct exporter {
	struct ip_addr address;
	bool seen[2]; /* over UDP, over TCP */
};

static int compare(const void *a, const void *b)
{
	return ip_cmp(&((const struct exporter *)a)->address,
		      &((const struct exporter *)b)->address);
}

static struct exporter *find(struct exporters *exporters, const struct ip_addr *address)
{
	struct exporter key = {.address = *address};
	struct exporter **found = tfind(&key, &exporters->root, compare);

	return found ? *found : NULL;
}

static struct exporter *add(struct exporters *exporters, const struct ip_addr *address)
{
	struct exporter *exporter;

	if (exporters->n >= exporters->max)
		return NULL;
	exporter = calloc(1, sizeof(*exporter));
	if (!exporter)
		return NULL;
	exporter->address = *address;
	if (!tsearch(exporter, &exporters->root, compare)) {
		free(exporter);
		return NULL;
	}
	exporters->n++;
	return exporter;
}

enum seen exporters_note(struct exporters *exporters, const struct ip_addr *address, bool tcp)
{
	struct exporter *exporter = find(exporters, address);

	if (!exporter)
		exporter = add(exporters, address);
	if (!exporter)
		return SEEN_TOO_MANY;
	if (exporter->seen[tcp])
		return SEEN_BEFORE;
	exporter->seen[tcp] = true;
	return SEEN_NEW;
}

void exporters_free(struct exporters *exporters)
{
	tdestroy(exporters->root, free);
	exporters->root = NULL;
}
