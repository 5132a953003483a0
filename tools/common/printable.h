/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text from outside (files, processes, the network) made safe for terminals and for JSON:
 * bytes that are not UTF-8, and control characters, are written as \xNN.
 */
#ifndef TOOLS_PRINTABLE_H
#define TOOLS_PRINTABLE_H

#include <stddef.h>

/* To be freed; NULL: out of memory. */
char *printable(const char *text);

/*
 * Writes what fits into 'to', with a NUL at its end, and no part of a character. Reads up to
 * 'len' bytes, or up to a NUL. 'to' and 'from' must not overlap.
 */
void printable_copy(char *to, size_t size, const char *from, size_t len);

#endif
