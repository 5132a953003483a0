/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What "adopt --watch" knows from one look to the next. */
#ifndef PMREUSEPORT_ADOPT_WATCH_H
#define PMREUSEPORT_ADOPT_WATCH_H

#include "adopt/find.h"

struct watch {
	const struct adopt *adopt;
	struct pmreuseport_config config; /* its count follows the cluster's */
	struct process process;		  /* pidfd -1: it has ended */
	struct former former;		  /* knows the seats */

	/* One for each endpoint that was adopted. member NULL: not in its bucket now. */
	struct adopted seats[CANDIDATES_MAX];
	bool lost[CANDIDATES_MAX]; /* the socket, to somebody else: it stays out */
	size_t n;

	char said[PMR_SENTENCE_MAX]; /* why it waits */
	bool done;
	int status;
};

/* One look at the process that is there: its buckets, what it has closed and opened. */
void watch_look(struct watch *watch);

/* An event; what there is none of is NULL. */
void watch_say(struct watch *watch, const char *name, const struct adopted *seat,
	       const struct pmreuseport_process *other, const char *reason);

/* The event "waiting"; what is tried again each second is said once. */
void watch_say_why(struct watch *watch, const struct pmreuseport_error *error);

/* The end of the command. */
void watch_fail(struct watch *watch, const struct pmreuseport_error *error);

/* Takes the socket out of its bucket if it is still there. */
void watch_leave(struct adopted *seat);

/* The end of the process. */
void watch_end_process(struct watch *watch);

#endif
