/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What there is to know of clusters, as metrics. */
#ifndef PMREUSEPORT_FAMILIES_H
#define PMREUSEPORT_FAMILIES_H

#include "clusters.h"
#include "exposition.h"

void families_write(struct exposition *ex, const struct clusters *clusters);

#endif
