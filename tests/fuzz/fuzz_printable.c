// SPDX-License-Identifier: GPL-2.0-or-later
/* libFuzzer target for what makes text from outside safe for terminals and JSON. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/printable.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const char *text)
{
	char *again = printable(text);
	const char *c;

	for (c = text; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			abort();
	/* What can be shown is not changed. */
	if (again && strcmp(text, again))
		abort();
	free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size), *whole = text ? printable(text) : NULL;
	char *part;
	size_t room;

	if (whole)
		check(whole);
	/* 'data' has no NUL at its end, and each copy has just its room: ASan sees to both. */
	for (room = 1; whole && room < strlen(whole) + 2; room++) {
		part = malloc(room);
		if (!part)
			break;
		printable_copy(part, room, (const char *)data, size);
		check(part);
		if (strncmp(part, whole, strlen(part)))
			abort();
		free(part);
	}
	free(whole);
	free(text);
	return 0;
}
