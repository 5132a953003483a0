/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_PLAIN_TEXT_H
#define TOOLS_PLAIN_TEXT_H

#include <stddef.h>

/*
 * Copies what somebody else wrote, up to 'len' bytes of it and as many as there is room
 * for, and makes a '?' of each byte that is not printable ASCII: fit for a terminal and
 * for JSON. The copy is NUL-terminated.
 */
void plain_text(char *to, size_t size, const char *from, size_t len);

#endif
