/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMREUSEPORT_DOCTOR_CHECK_JOIN_H
#define PMREUSEPORT_DOCTOR_CHECK_JOIN_H

#include "doctor/findings.h"
#include "doctor/instance.h"

/* Whether an instance could join its cluster, after check_conf(). */
void check_join(struct findings *findings, struct instance *instance);

#endif
