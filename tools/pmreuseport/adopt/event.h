/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What "adopt --watch" tells: a line for each event. */
#ifndef PMREUSEPORT_ADOPT_EVENT_H
#define PMREUSEPORT_ADOPT_EVENT_H

#include <stdbool.h>

#include "pmreuseport.h"

/* NULL where there is none, or where it is of no concern. */
struct event {
	const char *name;
	const char *cluster;
	const struct pmreuseport_process *process;
	const char *endpoint;
	const struct pmreuseport_process *other; /* who had the bucket before, or has it now */
	const char *reason;
};

/* Prints it at once. The exit status. */
int event_print(const struct event *event, bool json);

#endif
