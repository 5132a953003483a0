/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A cluster as "status" shows it: a table for each endpoint. */
#ifndef PMREUSEPORT_VIEW_CLUSTER_STATUS_TEXT_H
#define PMREUSEPORT_VIEW_CLUSTER_STATUS_TEXT_H

#include "view/cluster_status.h"

void cluster_status_print(const struct cluster_status *cluster);

#endif
