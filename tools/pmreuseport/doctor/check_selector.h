/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMREUSEPORT_DOCTOR_CHECK_SELECTOR_H
#define PMREUSEPORT_DOCTOR_CHECK_SELECTOR_H

#include <stdbool.h>

#include "doctor/findings.h"
#include "doctor/instance.h"

/* False: another process holds the lock, so do not read clusters again. */
bool check_selector(struct findings *findings, const struct instances *instances);

#endif
