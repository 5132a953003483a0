/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMREUSEPORT_DOCTOR_CHECK_PORTS_H
#define PMREUSEPORT_DOCTOR_CHECK_PORTS_H

#include "doctor/findings.h"
#include "doctor/instance.h"

/* The ports of an instance, and the sockets that have them, after check_join(). */
void check_ports(struct findings *findings, const struct instance *instance);

#endif
