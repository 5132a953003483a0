// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "error.h"

/* Callers have them on their stack. */
_Static_assert(sizeof(struct pmreuseport_error) == 1088, "a fixed size");
_Static_assert(sizeof(struct pmreuseport_process) == 64, "a fixed size");

/* The callers' formats are literals that the compiler has checked; a part of one is not. */
#pragma GCC diagnostic ignored "-Wformat-nonliteral"

int pmr_error_set(struct pmreuseport_error *error, enum pmreuseport_refusal refusal, int code,
		  size_t what_length, const char *format, ...)
{
	char what[sizeof(error->what)], both[4 * sizeof(*error)];
	va_list args;
	size_t n;

	if (!error)
		return code;
	error->refusal = refusal;
	error->fd = -1;
	memset(error->reserved, 0, sizeof(error->reserved));
	snprintf(what, sizeof(what), "%.*s", (int)what_length, format);
	va_start(args, format);
	n = vsnprintf(error->what, sizeof(error->what), what, args);
	va_end(args);
	va_start(args, format);
	vsnprintf(both, sizeof(both), format, args);
	va_end(args);
	snprintf(error->advice, sizeof(error->advice), "%s", n < sizeof(both) ? both + n : "");
	return code;
}

int pmr_error_of(int fd, int code, struct pmreuseport_error *error)
{
	if (code < 0 && error)
		error->fd = fd;
	return code;
}

const char *pmr_sentence(const struct pmreuseport_error *error, char text[PMR_SENTENCE_MAX])
{
	snprintf(text, PMR_SENTENCE_MAX, "%s; %s", error->what, error->advice);
	return text;
}

const char *pmr_advice(int err, const char *otherwise)
{
	if (err == -EMFILE || err == -ENFILE || err == -ENOMEM)
		return "raise the limit of open files or of memory";
	return otherwise;
}
