// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdint.h>

#include "table.h"

enum {
	/* Pointers that are looked at together. */
	BLOCK = 8,
};

typedef uintptr_t __attribute__((may_alias)) pointer;

__attribute__((no_sanitize("address", "undefined"))) size_t table_find(const void *table,
								       size_t size, size_t from)
{
	const pointer *p = table;
	size_t i = from;

	for (; i + BLOCK <= size; i += BLOCK) {
		if (p[i] | p[i + 1] | p[i + 2] | p[i + 3] | p[i + 4] | p[i + 5] | p[i + 6] |
		    p[i + 7])
			break;
	}
	while (i < size && !p[i])
		i++;
	return i;
}
