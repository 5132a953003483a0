/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMREUSEPORT_DOCTOR_CHECK_SHARED_H
#define PMREUSEPORT_DOCTOR_CHECK_SHARED_H

#include "doctor/findings.h"
#include "doctor/instance.h"

/* Lists and maps that two instances of a cluster read, and that differ. */
void check_shared(struct findings *findings, const struct instance *a, const struct instance *b);

#endif
