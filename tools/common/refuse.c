/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "refuse.h"

#include <stdarg.h>
#include <stdio.h>

int refuse(struct pmreuseport_error *error, int err, const char *advice, const char *what, ...)
{
	va_list args;

	va_start(args, what);
	vsnprintf(error->what, sizeof(error->what), what, args);
	va_end(args);
	snprintf(error->advice, sizeof(error->advice), "%s", advice);
	return err;
}
