/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_DECIMAL_H
#define TOOLS_DECIMAL_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Parses a number of decimal digits only; strtoull() would accept blanks and a sign. False,
 * with *value unchanged: 'text' is not such a number, or it is above 'max'.
 */
bool decimal(const char *text, uint64_t max, uint64_t *value);

#endif
