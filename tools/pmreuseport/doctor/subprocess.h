/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs another program, and reads its output. */
#ifndef PMREUSEPORT_DOCTOR_SUBPROCESS_H
#define PMREUSEPORT_DOCTOR_SUBPROCESS_H

#include <stddef.h>

/*
 * Runs a program without a shell, and keeps as much of its output, including standard
 * error, as fits. Returns its exit status, 128 plus the signal that ended it, -ETIMEDOUT
 * after the timeout, which kills it, or another negative errno.
 */
int subprocess_run(const char *path, char *const argv[], char *const envp[], char *text,
		   size_t size, int timeout_ms);

#endif
