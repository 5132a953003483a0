/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A cluster as "status --json" shows it. */
#ifndef PMREUSEPORT_VIEW_CLUSTER_STATUS_JSON_H
#define PMREUSEPORT_VIEW_CLUSTER_STATUS_JSON_H

#include <jansson.h>

#include "view/cluster_status.h"

/* New, or NULL. */
json_t *cluster_status_json(const struct cluster_status *cluster);

#endif
