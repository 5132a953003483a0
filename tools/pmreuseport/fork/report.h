/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files that were written, as text or as JSON. */
#ifndef PMREUSEPORT_FORK_REPORT_H
#define PMREUSEPORT_FORK_REPORT_H

#include <jansson.h>

#include "fork/files.h"

/* A new object; NULL: out of memory. */
json_t *fork_report_json(const struct fork_files *files, const struct fork_rendered *rendered,
			 const struct fork_template *template);

void fork_report_print(const struct fork_files *files, const struct fork_rendered *rendered,
		       const struct fork_template *template);

#endif
