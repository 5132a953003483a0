/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMREUSEPORT_DOCTOR_CHECK_FILES_H
#define PMREUSEPORT_DOCTOR_CHECK_FILES_H

#include "doctor/findings.h"
#include "doctor/instance.h"

/* Whether the limit of open files allows the sessions that the configuration promises. */
void check_files(struct findings *findings, const struct instance *instance);

#endif
