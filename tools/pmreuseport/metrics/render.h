/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The status of clusters, as metrics. */
#ifndef PMREUSEPORT_METRICS_RENDER_H
#define PMREUSEPORT_METRICS_RENDER_H

#include "metrics/exposition.h"
#include "view/clusters.h"

void metrics_render(struct exposition *ex, const struct clusters *clusters);

#endif
