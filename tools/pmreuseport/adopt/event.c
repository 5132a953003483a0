/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "adopt/event.h"

#include "common/report.h"

#include <stdio.h>
#include <time.h>

#define TIME_SIZE 32

/* For people in their own time zone, for programs in UTC. */
static void now_as(bool utc, char text[TIME_SIZE])
{
	time_t now = time(NULL);
	struct tm tm;

	if (utc)
		strftime(text, TIME_SIZE, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
	else
		strftime(text, TIME_SIZE, "%Y-%m-%d %H:%M:%S", localtime_r(&now, &tm));
}

static int print_words(const struct event *event)
{
	char when[TIME_SIZE];

	now_as(false, when);
	printf("%s %s", when, event->name);
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
	char when[TIME_SIZE];

	if (!json)
		return print_words(event);
	now_as(true, when);
	return report_json(
		json_pack("{s:s, s:s, s:s, s:o, s:s?, s:s?, s:o, s:s?}", "cluster", event->cluster,
			  "time", when, "event", event->name, "pid",
			  event->process ? json_integer(event->process->pid) : json_null(),
			  "command", event->process ? event->process->comm : NULL, "endpoint",
			  event->endpoint, "other", process_json(event->other), "reason",
			  event->reason));
}
