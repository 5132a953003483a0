/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory for jansson. Values of JSON are small, many and short-lived: with the allocator of
 * AddressSanitizer they take most of the time. Use after free, freeing twice, and leaks are
 * found all the same.
 */
#ifndef FUZZ_JSON_MEMORY_H
#define FUZZ_JSON_MEMORY_H

#include <jansson.h>
#include <stddef.h>

/* Before the first call to jansson. */
void json_memory_init(void);

/* After an input: abort if a value was not freed. */
void json_memory_check(void);

/* The caller frees what json_dumps() returns with free(). */
char *fuzz_json_dumps(const json_t *json, size_t flags);

#endif /* FUZZ_JSON_MEMORY_H */
