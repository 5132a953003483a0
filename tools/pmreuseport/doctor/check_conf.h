/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMREUSEPORT_DOCTOR_CHECK_CONF_H
#define PMREUSEPORT_DOCTOR_CHECK_CONF_H

#include "doctor/findings.h"
#include "doctor/instance.h"

/* Reads the configuration file of an instance: its syntax, and the keys that matter here. */
void check_conf(struct findings *findings, struct instance *instance);

#endif
