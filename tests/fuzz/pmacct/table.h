/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef FUZZ_TABLE_H
#define FUZZ_TABLE_H

#include <stddef.h>

/*
 * The index of the first pointer in a table that is not NULL, or a number that is not less
 * than the size. For tables that are large and nearly empty: the search is not sanitized.
 */
size_t table_find(const void *table, size_t size, size_t from);

#endif /* FUZZ_TABLE_H */
