/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "adopt/event.h"

#include "common/report.h"
#include "common/timestamp.h"

#include <stdio.h>

static int print_words(const struct event *event)
{
	char when[TIMESTAMP_SIZE];

	printf("%s %s", timestamp(time(NULL), false, when), event->name);
	if (event->endpoint)
		printf(" %s", event->endpoint);
	if (event->process)
		printf("%s process %d (%s)", event->endpoint ? " of" : "", (int)event->process->pid,
		       event->process->comm);
	if (event->other)
		printf(", bucket %s process %d (%s)", event->reason ? "now of" : "before of",
		       (int)event->other->pid, event->other->comm);
	if (event->reason)
		printf(": %s", event->reason);
	putchar('\n');
	return report_done();
}

static json_t *process_json(const struct pmreuseport_process *process)
{
	if (!process)
		return json_null();
	return json_pack("{s:i, s:s}", "pid", (int)process->pid, "command", process->comm);
}

int event_print(const struct event *event, bool json)
{
	char when[TIMESTAMP_SIZE];

	if (!json)
		return print_words(event);
	return report_json(
		json_pack("{s:s, s:s, s:s, s:o, s:s?, s:s?, s:o, s:s?}", "cluster", event->cluster,
			  "time", timestamp(time(NULL), true, when), "event", event->name, "pid",
			  event->process ? json_integer(event->process->pid) : json_null(),
			  "command", event->process ? event->process->comm : NULL, "endpoint",
			  event->endpoint, "other", process_json(event->other), "reason",
			  event->reason));
}
