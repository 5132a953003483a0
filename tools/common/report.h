/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The output of a command: text, or one line of JSON. */
#ifndef TOOLS_REPORT_H
#define TOOLS_REPORT_H

#include <jansson.h>

#include "pmreuseport.h"

/* Prints the sentence to standard error; returns the exit status of a failure. */
int report_failure(const struct pmreuseport_error *error);

/* Prints the object (NULL: out of memory), and frees it. Returns the exit status. */
int report_json(json_t *object);

/* Flushes standard output. Returns the exit status: a full disk must not look like success. */
int report_done(void);

#endif
