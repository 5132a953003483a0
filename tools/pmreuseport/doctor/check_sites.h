/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMREUSEPORT_DOCTOR_CHECK_SITES_H
#define PMREUSEPORT_DOCTOR_CHECK_SITES_H

#include "doctor/findings.h"
#include "doctor/instance.h"

/* Files of the clusters of two sites that have the same routers. */
void check_sites(struct findings *findings, const struct instances *instances);

#endif
