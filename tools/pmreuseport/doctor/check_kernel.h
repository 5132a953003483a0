/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMREUSEPORT_DOCTOR_CHECK_KERNEL_H
#define PMREUSEPORT_DOCTOR_CHECK_KERNEL_H

#include "doctor/findings.h"

/* Version, features, the limit of locked memory. */
void check_kernel(struct findings *findings);

#endif
