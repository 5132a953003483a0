/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "printable.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* Length of the character, or 0 if that is none: the shortest form only, and no surrogates. */
static unsigned int character_at(const unsigned char *c, uint32_t *code)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned int length = *c < 0x80	      ? 1
				    : (*c >> 5) == 6  ? 2
				    : (*c >> 4) == 14 ? 3
				    : (*c >> 3) == 30 ? 4
						      : 0;
	unsigned int i;

	if (length <= 1) {
		*code = *c;
		return length;
	}
	*code = *c & (0x7f >> length);
	for (i = 1; i < length; i++) {
		/* The NUL at the end is no such byte. */
		if ((c[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (c[i] & 0x3f);
	}
	if (*code < least[length] || *code > 0x10ffff || (*code >= 0xd800 && *code <= 0xdfff))
		return 0;
	return length;
}

char *printable(const char *text, bool for_terminal)
{
	const unsigned char *c = (const unsigned char *)text;
	unsigned int length;
	char *made = NULL;
	uint32_t code;
	size_t size;
	FILE *out = open_memstream(&made, &size);

	if (!out)
		return NULL;
	for (; *c; c += length ? length : 1) {
		length = character_at(c, &code);
		if (!length || (for_terminal && (code < 0x20 || code == 0x7f)))
			fprintf(out, "\\x%02x", *c);
		else if (for_terminal && code >= 0x80 && code < 0xa0)
			fprintf(out, "\\x%02x\\x%02x", c[0], c[1]);
		else
			fwrite(c, 1, length, out);
	}
	if (!fclose(out))
		return made;
	free(made);
	return NULL;
}
