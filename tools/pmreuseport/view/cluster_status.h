/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What "status" and "metrics" show of a cluster. */
#ifndef PMREUSEPORT_VIEW_CLUSTER_STATUS_H
#define PMREUSEPORT_VIEW_CLUSTER_STATUS_H

#include "common/timestamp.h"
#include "operator.h"
#include "sockets/bucket_sockets.h"
#include "sockets/foreign_sockets.h"

struct cluster_status {
	char cluster[PMREUSEPORT_CLUSTER_NAME_MAX + 1];
	struct pmr_status status;
	struct bucket_socket (*sockets)[PMR_MAX_BUCKETS]; /* of each endpoint */
	struct foreign_sockets foreign;
	double (*rates)[PMR_MAX_BUCKETS]; /* packets per second */
	bool has_rates;
	struct pmreuseport_error unknown; /* why some socket data are unknown; empty: none are */
};

/* cluster_status_free() also after a failure. */
int cluster_status_read(struct cluster_status *cluster, const char *name,
			struct pmreuseport_error *error);

/* How many buckets exporters are sent to. */
unsigned int cluster_status_in_use(const struct pmr_status *status);

/* The state of a bucket in one word; NULL: it is not shown. */
const char *cluster_status_state(const struct pmr_status *status, size_t endpoint, unsigned int b);

/* The pid of the process in the bucket, as this process sees it. 0: unknown. */
pid_t cluster_status_pid(const struct cluster_status *cluster, size_t endpoint, unsigned int b);

/* Its name; empty: unknown. */
const char *cluster_status_comm(const struct cluster_status *cluster, size_t endpoint,
				unsigned int b);

/* Whether it is in a pid namespace that this process cannot see. */
bool cluster_status_is_hidden(const struct cluster_status *cluster, size_t endpoint,
			      unsigned int b);

/* Since when it is in the bucket. Returns text. */
const char *cluster_status_since(const struct pmr_member_record *member, bool for_json,
				 char text[TIMESTAMP_SIZE]);

/* The share of the bucket in the rates of its endpoint or, without rates, in its counters. */
double cluster_status_share(const struct cluster_status *cluster, size_t endpoint, unsigned int b);

/* Whether the process in the bucket can count that the selector was detached. */
bool cluster_status_checks_selector(const struct pmr_endpoint_status *endpoint, unsigned int b);

const char *cluster_status_fallback(const struct pmr_status *status);

/* Rates since another reading, if it is of the same cluster with the same endpoints. */
void cluster_status_set_rates(struct cluster_status *cluster, const struct cluster_status *before,
			      double seconds);

void cluster_status_free(struct cluster_status *cluster);

#endif
