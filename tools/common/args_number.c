/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "args_number.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

uint64_t args_number(const struct argp_state *state, const char *option, const char *text,
		     uint64_t min, uint64_t max)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 10);
	/* strtoull() would take blanks and a sign. */
	if (*text < '0' || *text > '9' || *end || errno || value < min || value > max)
		argp_failure(state, ARGS_EXIT_USAGE, 0,
			     "%s '%s' is out of bounds; give a number from %" PRIu64 " to %" PRIu64,
			     option, text, min, max);
	return value;
}
