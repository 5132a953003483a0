/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMREUSEPORT_DOCTOR_CHECK_SOURCES_H
#define PMREUSEPORT_DOCTOR_CHECK_SOURCES_H

#include "doctor/findings.h"

/* Whether most of what a cluster gets comes from one address. */
void check_sources(struct findings *findings);

#endif
