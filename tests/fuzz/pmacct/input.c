// SPDX-License-Identifier: GPL-2.0-or-later
#include <sanitizer/allocator_interface.h>
#include <sanitizer/lsan_interface.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "input.h"
#include "json_memory.h"

enum {
	/* A table may grow with an input, but not with each repetition of this input. */
	REPETITIONS = 8,
};

static bool grows(const uint8_t *data, size_t size)
{
	size_t before = __sanitizer_get_current_allocated_bytes();

	target_input(data, size);
	json_memory_check();
	return __sanitizer_get_current_allocated_bytes() > before;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int i;

	for (i = 0; i < REPETITIONS; i++) {
		if (!grows(data, size))
			return 0;
	}
	fprintf(stderr, "the daemon leaks memory each time it gets this input\n");
	__lsan_do_leak_check();
	abort();
}
