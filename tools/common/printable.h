/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text of others, which may be anything, as text that can be shown. */
#ifndef TOOLS_PRINTABLE_H
#define TOOLS_PRINTABLE_H

#include <stdbool.h>

/*
 * Bytes that are not UTF-8 are written as \xNN. For a terminal, so are control characters.
 * To be freed; NULL: no memory.
 */
char *printable(const char *text, bool for_terminal);

#endif
