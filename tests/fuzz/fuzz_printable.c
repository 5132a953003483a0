// SPDX-License-Identifier: GPL-2.0-or-later
/* libFuzzer target for what makes foreign text fit for terminals and JSON. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/printable.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size), *once, *twice, *c;
	int for_terminal;

	for (for_terminal = 0; text && for_terminal < 2; for_terminal++) {
		once = printable(text, for_terminal);
		if (!once)
			break;
		for (c = once; for_terminal && *c; c++)
			if ((unsigned char)*c < 0x20 || *c == 0x7f)
				abort();
		/* What can be shown is left alone. */
		twice = printable(once, for_terminal);
		if (twice && strcmp(once, twice))
			abort();
		free(once);
		free(twice);
	}
	free(text);
	return 0;
}
