/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a command tells: words, or one line of JSON. */
#ifndef TOOLS_REPORT_H
#define TOOLS_REPORT_H

#include <jansson.h>

#include "pmreuseport.h"

/* Prints the sentence to standard error; returns the exit status of a failure. */
int report_failure(const struct pmreuseport_error *error);

/* Prints the object (NULL: it could not be built), and frees it. Returns the exit status. */
int report_json(json_t *object);

/* What printf() left undone, a full disk above all, must not look like success. */
int report_done(void);

#endif
