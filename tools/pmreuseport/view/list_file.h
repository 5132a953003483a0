/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files with one item on each line, and comments. */
#ifndef PMREUSEPORT_VIEW_LIST_FILE_H
#define PMREUSEPORT_VIEW_LIST_FILE_H

#include "pmreuseport.h"

/*
 * Calls fn for each line of a file ("-": standard input), without surrounding blanks. Empty
 * lines, and text after "#", are ignored. fn may change the line. The name of the file and the
 * number of the line are added to its errors.
 */
int list_file_each(const char *path,
		   int (*fn)(char *line, void *context, struct pmreuseport_error *error),
		   void *context, struct pmreuseport_error *error);

#endif
