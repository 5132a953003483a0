/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file that others read at any time, such as node_exporter's textfile collector. */
#ifndef PMREUSEPORT_METRICS_TEXTFILE_H
#define PMREUSEPORT_METRICS_TEXTFILE_H

#include <stddef.h>

#include "pmreuseport.h"

/* They see the old one or the new one (mode 0644), whole. After a failure, the old one. */
int textfile_write(const char *path, const char *text, size_t size,
		   struct pmreuseport_error *error);

#endif
