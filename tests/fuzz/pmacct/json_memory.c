// SPDX-License-Identifier: GPL-2.0-or-later
#include <sanitizer/asan_interface.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json_memory.h"

enum {
	UNIT = 16,
	/* Blocks of up to CLASSES - 1 units are used again, larger ones come from malloc(). */
	CLASSES = 64,
	CHUNK = 64 * 1024,
};

/* What stands before each block. Its size is a multiple of UNIT. */
struct block {
	struct block *next;
	size_t units;
};

_Static_assert(sizeof(struct block) == UNIT, "blocks are aligned for any type");

static struct block *unused[CLASSES];
static char *chunk;
static size_t chunk_left;
static size_t in_use;

static struct block *new_block(size_t units)
{
	size_t size = (units + 1) * UNIT;
	struct block *block;

	if (units >= CLASSES)
		return malloc(size);
	if (chunk_left < size) {
		chunk = calloc(1, CHUNK);
		chunk_left = chunk ? CHUNK : 0;
	}
	if (!chunk)
		return NULL;
	block = (struct block *)chunk;
	chunk += size;
	chunk_left -= size;
	return block;
}

static void *allocate(size_t size)
{
	size_t units = (size + UNIT - 1) / UNIT;
	struct block *block = NULL;

	if (units < CLASSES)
		block = unused[units];
	if (block)
		unused[units] = block->next;
	else
		block = new_block(units);
	if (!block)
		return NULL;
	block->next = NULL;
	block->units = units;
	in_use++;
	__asan_unpoison_memory_region(block + 1, units * UNIT);
	return block + 1;
}

static void release(void *memory)
{
	struct block *block = memory;

	if (!memory)
		return;
	/* Found here if it was freed already. */
	if (__asan_address_is_poisoned(memory)) {
		fprintf(stderr, "a JSON value is freed twice\n");
		abort();
	}
	block--;
	in_use--;
	if (block->units >= CLASSES) {
		free(block);
		return;
	}
	__asan_poison_memory_region(memory, block->units * UNIT);
	block->next = unused[block->units];
	unused[block->units] = block;
}

void json_memory_init(void)
{
	json_set_alloc_funcs(allocate, release);
}

void json_memory_check(void)
{
	if (!in_use)
		return;
	fprintf(stderr, "the daemon has leaked %zu JSON values\n", in_use);
	abort();
}

char *fuzz_json_dumps(const json_t *json, size_t flags)
{
	char *made = json_dumps(json, flags);
	char *copy = made ? strdup(made) : NULL;

	release(made);
	return copy;
}
