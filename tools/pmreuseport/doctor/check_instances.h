/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMREUSEPORT_DOCTOR_CHECK_INSTANCES_H
#define PMREUSEPORT_DOCTOR_CHECK_INSTANCES_H

#include "doctor/findings.h"
#include "doctor/instance.h"

/* Whether the configuration files fit together, after check_conf() of each. */
void check_instances(struct findings *findings, const struct instances *instances);

#endif
