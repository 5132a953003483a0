/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMREUSEPORT_DOCTOR_CHECK_PLUGINS_H
#define PMREUSEPORT_DOCTOR_CHECK_PLUGINS_H

#include "doctor/findings.h"
#include "doctor/instance.h"

/* text: what the daemon prints with -V. */
void check_plugins(struct findings *findings, const char *daemon, const char *text,
		   const struct instances *instances);

#endif
