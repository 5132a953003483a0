/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists in files: a thing on each line, with comments. */
#ifndef PMREUSEPORT_VIEW_LIST_FILE_H
#define PMREUSEPORT_VIEW_LIST_FILE_H

#include "pmreuseport.h"

/*
 * Calls fn for each line of a file ("-": standard input) without the blanks around it; empty
 * ones, and what follows a "#", do not count. fn may change the line. What it says of an error
 * gets the name of the file and the number of the line in front.
 */
int list_file_each(const char *path,
		   int (*fn)(char *line, void *context, struct pmreuseport_error *error),
		   void *context, struct pmreuseport_error *error);

#endif
