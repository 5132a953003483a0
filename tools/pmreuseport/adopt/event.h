/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The events that "adopt --watch" prints, one on each line. */
#ifndef PMREUSEPORT_ADOPT_EVENT_H
#define PMREUSEPORT_ADOPT_EVENT_H

#include <jansson.h>
#include <stdbool.h>

#include "pmreuseport.h"

/* What does not apply is NULL. */
struct event {
	const char *name;
	const char *cluster;
	const struct pmreuseport_process *process;
	const char *endpoint;
	const struct pmreuseport_process *other; /* who had the bucket before, or has it now */
	const char *reason;
};

/* Prints and flushes it. Returns the exit status. */
int event_print(const struct event *event, bool json);

/* The pid and the name of a process, as an object; NULL makes null. */
json_t *event_process_json(const struct pmreuseport_process *process);

#endif
