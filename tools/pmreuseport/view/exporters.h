/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses of exporters, as an operator gives them: words, or lines of a file. */
#ifndef PMREUSEPORT_VIEW_EXPORTERS_H
#define PMREUSEPORT_VIEW_EXPORTERS_H

#include <netinet/in.h>
#include <stddef.h>

#include "pmreuseport.h"

struct exporter {
	int family;
	union {
		struct in_addr v4;
		struct in6_addr v6;
	} address;
};

struct exporters {
	struct exporter *list;
	size_t n;
};

/* One more. -EINVAL: that is no address. */
int exporters_add(struct exporters *exporters, const char *text, struct pmreuseport_error *error);

/*
 * One more for each line of a file ("-": standard input); empty ones, and what follows a
 * "#", do not count.
 */
int exporters_read(struct exporters *exporters, const char *path, struct pmreuseport_error *error);

/* As text; points into a buffer of its own, until the next call. */
const char *exporter_text(const struct exporter *exporter);

void exporters_free(struct exporters *exporters);

#endif
