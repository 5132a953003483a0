/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMREUSEPORT_DOCTOR_SYSCTL_H
#define PMREUSEPORT_DOCTOR_SYSCTL_H

#include <stdbool.h>

/* Reads a number from /proc/sys/NAME. False: not available. */
bool sysctl_read(const char *name, long long *value);

#endif
