/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A cluster as "status" shows it: a table for each endpoint, or JSON. */
#ifndef PMREUSEPORT_SHOWN_H
#define PMREUSEPORT_SHOWN_H

#include <jansson.h>

#include "internal.h"
#include "sockets.h"

struct shown {
	char cluster[PMREUSEPORT_CLUSTER_NAME_MAX + 1];
	struct pmr_status status;
	struct bucket_socket (*sockets)[PMR_MAX_BUCKETS]; /* of each endpoint */
	double (*rates)[PMR_MAX_BUCKETS];		  /* packets per second */
	bool has_rates;
	struct pmreuseport_error unknown; /* why not all is known of the sockets; "": it is */
};

/* shown_free() in any case. */
int shown_read(struct shown *shown, const char *cluster, struct pmreuseport_error *error);

/* How many buckets exporters are sent to. */
unsigned int shown_in_use(const struct pmr_status *status);

/* Of a bucket, in one word. NULL: it is of no concern. */
const char *shown_state(const struct pmr_status *status, size_t endpoint, unsigned int b);

const char *shown_fallback(const struct pmr_status *status);

/* If it is the same cluster with the same endpoints. */
void shown_set_rates(struct shown *shown, const struct shown *before, double seconds);

void shown_print(const struct shown *shown);

/* New, or NULL. */
json_t *shown_json(const struct shown *shown);

void shown_free(struct shown *shown);

#endif
