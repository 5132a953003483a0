/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "array.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The room is the power of two at or above the count, so it is not stored. */
void *array_grow(void *list, size_t *n, size_t size)
{
	char *elements;

	/* The pointer may be of any type, so its bytes are copied. */
	memcpy(&elements, list, sizeof(elements));
	if (!(*n & (*n - 1))) {
		if (*n > SIZE_MAX / 2 / size)
			return NULL;
		elements = realloc(elements, (*n ? 2 * *n : 1) * size);
		if (!elements)
			return NULL;
		memcpy(list, &elements, sizeof(elements));
	}
	return memset(elements + (*n)++ * size, 0, size);
}
