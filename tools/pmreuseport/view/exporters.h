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

/* Adds one. -EINVAL: the text is no address. */
int exporters_add(struct exporters *exporters, const char *text, struct pmreuseport_error *error);

/*
 * Adds one for each line of a file ("-": standard input). Empty lines, and text after "#",
 * are ignored.
 */
int exporters_read(struct exporters *exporters, const char *path, struct pmreuseport_error *error);

/* As text, in a static buffer that the next call overwrites. */
const char *exporter_text(const struct exporter *exporter);

void exporters_free(struct exporters *exporters);

#endif
