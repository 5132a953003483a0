// SPDX-License-Identifier: GPL-2.0-or-later
/* The name of a process, as it may be shown. */
#include "process_name.h"

void pmr_clean_name(char *name, size_t size)
{
	size_t i;

	name[size - 1] = '\0';
	for (i = 0; name[i]; i++)
		if (name[i] < ' ' || name[i] > '~')
			name[i] = '?';
}
