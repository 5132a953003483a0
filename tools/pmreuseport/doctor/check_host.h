/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMREUSEPORT_DOCTOR_CHECK_HOST_H
#define PMREUSEPORT_DOCTOR_CHECK_HOST_H

#include "doctor/findings.h"

/* Capabilities, the BPF file system, the directory of the pins. */
void check_host(struct findings *findings);

#endif
