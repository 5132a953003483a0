/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_DECIMAL_H
#define TOOLS_DECIMAL_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The number that all of 'text' is: decimal digits only, where strtoull() would take blanks
 * and a sign. False, and *value is untouched, if it is none or more than 'max'.
 */
bool decimal(const char *text, uint64_t max, uint64_t *value);

#endif
