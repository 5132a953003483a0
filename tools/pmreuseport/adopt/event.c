/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "adopt/event.h"

#include "common/process_text.h"
#include "common/report.h"
#include "common/timestamp.h"

#include <stdio.h>

static int print_words(const struct event *event)
{
	char when[TIMESTAMP_SIZE], text[PROCESS_TEXT_SIZE];

	printf("%s %s", timestamp(time(NULL), false, when), event->name);
	if (event->endpoint)
		printf(" %s", event->endpoint);
	if (event->process)
		printf("%s process %d (%s)", event->endpoint ? " of" : "", (int)event->process->pid,
		       event->process->comm);
	if (event->other)
		printf(", bucket %s %s", event->reason ? "now of" : "before of",
		       process_text(event->other, text));
	if (event->reason)
		printf(": %s", event->reason);
	putchar('\n');
	return report_done();
}

json_t *event_process_json(const struct pmreuseport_process *process)
{
	if (!process)
		return json_null();
	return json_pack("{s:i, s:b, s:s}", "pid", (int)process->pid, "other_pid_namespace",
			 process->elsewhere, "command", process->comm);
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
			  event->endpoint, "other", event_process_json(event->other), "reason",
			  event->reason));
}
