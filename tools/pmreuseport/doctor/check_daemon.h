/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMREUSEPORT_DOCTOR_CHECK_DAEMON_H
#define PMREUSEPORT_DOCTOR_CHECK_DAEMON_H

#include "doctor/findings.h"
#include "doctor/instance.h"

/*
 * The installed selector, the daemon and its library. daemon: a path, or a name to find in
 * PATH; NULL: nfacctd.
 */
void check_daemon(struct findings *findings, const char *daemon, const struct instances *instances);

#endif
