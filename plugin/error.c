// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "internal.h"

int pmr_error(struct pmreuseport_error *error, int code, const char *fmt, ...)
{
	va_list args;

	if (error) {
		va_start(args, fmt);
		vsnprintf(error->text, sizeof(error->text), fmt, args);
		va_end(args);
	}
	return code;
}

const char *pmr_advice(int err, const char *otherwise)
{
	if (err == -EMFILE || err == -ENFILE || err == -ENOMEM)
		return "give this process more of it";
	return otherwise;
}
