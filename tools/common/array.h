/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A growing array: a pointer and a count, both zero at first. Free the pointer in the end. */
#ifndef TOOLS_ARRAY_H
#define TOOLS_ARRAY_H

#include <stddef.h>

/*
 * Adds an element, all zeroes, to the end and returns a pointer to it. NULL: out of memory,
 * and the array is as before. list: T **; n: size_t *.
 */
#define array_add(list, n) ((__typeof__(*(list)))array_grow((list), (n), sizeof(**(list))))

/* What array_add() calls: list points to the pointer to the first element. */
void *array_grow(void *list, size_t *n, size_t size);

#endif
