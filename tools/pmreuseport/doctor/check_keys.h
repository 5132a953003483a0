/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMREUSEPORT_DOCTOR_CHECK_KEYS_H
#define PMREUSEPORT_DOCTOR_CHECK_KEYS_H

#include "doctor/findings.h"
#include "doctor/instance.h"

/* Keys of the files that the daemon does not know. daemon: the path of its program. */
/* patched: it knows the reuseport_* keys. */
void check_keys(struct findings *findings, const char *daemon, bool patched,
		const struct instances *instances);

#endif
