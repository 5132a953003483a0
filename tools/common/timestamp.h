/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_TIMESTAMP_H
#define TOOLS_TIMESTAMP_H

#include <stdbool.h>
#include <time.h>

#define TIMESTAMP_SIZE 32

/*
 * Writes a time as text, and returns the text. for_json: in UTC, as RFC 3339 has it;
 * otherwise in the local time zone.
 */
const char *timestamp(time_t at, bool for_json, char text[TIMESTAMP_SIZE]);

#endif
