// SPDX-License-Identifier: GPL-2.0-or-later
/* libFuzzer target for what reads a line of pmacct's configuration. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "conf/line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Of its own size, so that a step too far is seen. */
	char *text = strndup((const char *)data, size);
	struct conf_line line;

	if (!text)
		return 0;
	conf_line_read(text, &line);
	/* What it found lies within what it was given. */
	if (line.value_at > strlen(text) || line.value_length > strlen(text) - line.value_at)
		abort();
	/* A key has a colon after it, and its value comes after that. */
	if (line.key[0] && !line.wrong && !memchr(text, ':', line.value_at))
		abort();
	if (!memchr(line.key, '\0', sizeof(line.key)) ||
	    !memchr(line.plugin, '\0', sizeof(line.plugin)))
		abort();
	free(text);
	return 0;
}
