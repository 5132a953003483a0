/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small HTTP server of one page, /metrics. */
#ifndef PMREUSEPORT_METRICS_HTTP_H
#define PMREUSEPORT_METRICS_HTTP_H

#include <stddef.h>

#include "metrics/listener.h"

struct page {
	const char *type;

	/* Makes the page, to be freed, or an answer of 503 with the sentence. Never twice at once.
	 */
	int (*make)(void *context, char **text, size_t *size, struct pmreuseport_error *error);
	void *context;
};

/*
 * Serves until SIGTERM, SIGINT or SIGHUP, and ends the process with status 0 then. Returns
 * only if it cannot begin.
 */
int http_serve(struct listener *listener, const struct page *page, struct pmreuseport_error *error);

#endif
