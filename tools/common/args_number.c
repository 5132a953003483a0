/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "args_number.h"

#include "decimal.h"

#include <inttypes.h>

uint64_t args_number(const struct argp_state *state, const char *option, const char *text,
		     uint64_t min, uint64_t max)
{
	uint64_t value;

	if (!decimal(text, max, &value) || value < min)
		argp_failure(state, ARGS_EXIT_USAGE, 0,
			     "%s '%s' is out of bounds; give a number from %" PRIu64 " to %" PRIu64,
			     option, text, min, max);
	return value;
}
