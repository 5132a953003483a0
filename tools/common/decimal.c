/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decimal.h"

#include <errno.h>
#include <stdlib.h>

bool decimal(const char *text, uint64_t max, uint64_t *value)
{
	unsigned long long number;
	char *end;

	errno = 0;
	number = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || number > max)
		return false;
	*value = number;
	return true;
}
