/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "timestamp.h"

const char *timestamp(time_t at, bool for_json, char text[TIMESTAMP_SIZE])
{
	struct tm tm;

	if (for_json)
		strftime(text, TIMESTAMP_SIZE, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&at, &tm));
	else
		strftime(text, TIMESTAMP_SIZE, "%Y-%m-%d %H:%M:%S", localtime_r(&at, &tm));
	return text;
}
