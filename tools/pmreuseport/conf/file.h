/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lines of a configuration file of pmacct. */
#ifndef PMREUSEPORT_CONF_FILE_H
#define PMREUSEPORT_CONF_FILE_H

#include <stddef.h>
#include <sys/stat.h>

#include "pmreuseport.h"

/* A line with its newline, which the last line may lack. number: from 1. */
typedef int conf_file_fn(const char *text, size_t length, unsigned int number, void *context,
			 struct pmreuseport_error *error);

/*
 * Calls fn for each line, until it returns other than 0. Refuses a file that pmacct would not
 * read completely. *status receives the result of fstat().
 */
int conf_file_read(const char *path, struct stat *status, conf_file_fn *fn, void *context,
		   struct pmreuseport_error *error);

/* What to do about a wrong line. */
const char *conf_advice(const char *text);

#endif
