/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file that is read at any time, such as by the textfile collector of node_exporter. */
#ifndef PMREUSEPORT_METRICS_TEXTFILE_H
#define PMREUSEPORT_METRICS_TEXTFILE_H

#include <stddef.h>

#include "pmreuseport.h"

/* Readers see either the old or the new file (mode 0644). After a failure, the old one. */
int textfile_write(const char *path, const char *text, size_t size,
		   struct pmreuseport_error *error);

#endif
