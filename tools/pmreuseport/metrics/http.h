/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small HTTP server with one page, /metrics. */
#ifndef PMREUSEPORT_METRICS_HTTP_H
#define PMREUSEPORT_METRICS_HTTP_H

#include <stddef.h>

#include "metrics/listener.h"

struct page {
	const char *type;

	/* Makes the page, to be freed, or returns an error for a 503. Never called concurrently. */
	int (*make)(void *context, char **text, size_t *size, struct pmreuseport_error *error);
	void *context;
};

/*
 * Serves until SIGTERM, SIGINT or SIGHUP, and then exits with status 0. Returns only if the
 * server cannot start.
 */
int http_serve(struct listener *listener, const struct page *page, struct pmreuseport_error *error);

#endif
