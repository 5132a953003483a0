/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_REFUSE_H
#define TOOLS_REFUSE_H

#include "pmreuseport.h"

/*
 * Fills in *error and returns err, as pmr_error() does, which programs that do not link the
 * library lack.
 */
int refuse(struct pmreuseport_error *error, int err, const char *advice, const char *what, ...)
	__attribute__((format(printf, 4, 5)));

#endif
