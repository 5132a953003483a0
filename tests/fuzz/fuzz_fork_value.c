// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libFuzzer target for values that differ between instances: the first bytes pick the kind and
 * the instance, the rest is the value.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fork/value.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fork_instance one = {.own = FORK_NO_INDEX, .count = 128}, other = one, of_fork = one;
	enum fork_how how;
	char *value, *a, *b, *again;
	const struct fork_fault *fault;

	if (size < 4)
		return 0;
	how = data[0] % (FORK_PORT + 1);
	if (data[1] & 0x80)
		one.own = other.own = data[1] & 0x7f;
	one.index = data[2] & 0x7f;
	other.index = data[3] & 0x7f;
	value = strndup((const char *)data + 4, size - 4);
	if (!value)
		return 0;
	a = fork_value(how, value, &one, &fault);
	b = fork_value(how, value, &other, &fault);
	/* One of them may have got too long, or too large. */
	if (a && b && how != FORK_SAME && how != FORK_COUNT && *value && !fork_is_device(value) &&
	    one.index != other.index && !strcmp(a, b))
		abort();
	/* Made of what was made for the one, that for the other is the same. */
	if (a && b && how == FORK_FILE && one.own == FORK_NO_INDEX &&
	    !strstr(value, FORK_PLACEHOLDER)) {
		of_fork.own = one.index;
		of_fork.index = other.index;
		again = fork_value(how, a, &of_fork, &fault);
		if (again && strcmp(again, b))
			abort();
		free(again);
	}
	free(a);
	free(b);
	free(value);
	return 0;
}
