/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plain_text.h"

void plain_text(char *to, size_t size, const char *from, size_t len)
{
	size_t i;

	for (i = 0; i < len && i + 1 < size; i++)
		to[i] = from[i] >= ' ' && from[i] <= '~' ? from[i] : '?';
	to[i] = '\0';
}
