/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Another program, to hear what it says of itself. */
#ifndef PMREUSEPORT_DOCTOR_SUBPROCESS_H
#define PMREUSEPORT_DOCTOR_SUBPROCESS_H

#include <stddef.h>

/*
 * Runs it, without a shell, and keeps what it prints, to standard error too, as far as
 * there is room; it is ended if it takes longer. Returns its exit status, 128 and more if
 * a signal ended it, -ETIMEDOUT, or another negative errno.
 */
int subprocess_run(const char *path, char *const argv[], char *const envp[], char *text,
		   size_t size, int timeout_ms);

#endif
