/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "printable.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An escaped byte has four characters: \xNN. */
#define ESCAPED 4

/*
 * Length of the UTF-8 character, or 0 if there is none: the shortest form only, and no
 * surrogates.
 */
static size_t character_at(const unsigned char *c, size_t left, uint32_t *code)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const size_t length = *c < 0x80		? 1
			      : (*c >> 5) == 6	? 2
			      : (*c >> 4) == 14 ? 3
			      : (*c >> 3) == 30 ? 4
						: 0;
	size_t i;

	if (length > left)
		return 0;
	if (length <= 1) {
		*code = *c;
		return length;
	}
	*code = *c & (0x7f >> length);
	for (i = 1; i < length; i++) {
		if ((c[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (c[i] & 0x3f);
	}
	if (*code < least[length] || *code > 0x10ffff || (*code >= 0xd800 && *code <= 0xdfff))
		return 0;
	return length;
}

/* Also those from 0x80 on, which some terminals obey. */
static bool is_control(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

void printable_copy(char *to, size_t size, const char *from, size_t len)
{
	const unsigned char *c = (const unsigned char *)from, *end = c + strnlen(from, len);
	size_t length, used, i;
	uint32_t code;
	bool escape;

	while (c < end) {
		length = character_at(c, end - c, &code);
		escape = !length || is_control(code);
		length = length ? length : 1;
		used = escape ? ESCAPED * length : length;
		if (used >= size)
			break;
		for (i = 0; escape && i < length; i++)
			snprintf(to + ESCAPED * i, ESCAPED + 1, "\\x%02x", c[i]);
		if (!escape)
			memcpy(to, c, length);
		to += used;
		size -= used;
		c += length;
	}
	*to = '\0';
}

char *printable(const char *text)
{
	const size_t len = strlen(text);
	char *copy = len < SIZE_MAX / ESCAPED ? malloc(ESCAPED * len + 1) : NULL;

	if (copy)
		printable_copy(copy, ESCAPED * len + 1, text, len);
	return copy;
}
