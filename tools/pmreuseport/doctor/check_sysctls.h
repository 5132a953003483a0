/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMREUSEPORT_DOCTOR_CHECK_SYSCTLS_H
#define PMREUSEPORT_DOCTOR_CHECK_SYSCTLS_H

#include "doctor/findings.h"
#include "doctor/instance.h"

void check_sysctls(struct findings *findings, const struct instances *instances);

#endif
