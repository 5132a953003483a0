/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "adopt --watch", and what it knows from one check to the next. */
#ifndef PMREUSEPORT_ADOPT_WATCH_H
#define PMREUSEPORT_ADOPT_WATCH_H

#include "adopt/find.h"

struct watch {
	const struct adopt *adopt;
	struct pmreuseport_config config; /* its count follows the cluster's */
	struct process process;		  /* pidfd -1: it has ended */
	struct predecessor predecessor;	  /* points to what is adopted here */

	/* One for each endpoint that was adopted. member NULL: not in its bucket now. */
	struct adopted adopted[CANDIDATES_MAX];
	bool lost[CANDIDATES_MAX]; /* to another process: the socket stays out */
	size_t n;

	char said[PMR_SENTENCE_MAX]; /* the last reason for waiting */
	bool done;
	int status;
};

/* Prints an event; what does not apply is NULL. */
void watch_say(struct watch *watch, const char *name, const struct adopted *adopted,
	       const struct pmreuseport_process *other, const char *reason);

/* Prints the event "waiting", once for each reason. */
void watch_say_why(struct watch *watch, const struct pmreuseport_error *error);

/* Ends the command with this failure. */
void watch_fail(struct watch *watch, const struct pmreuseport_error *error);

/* Takes the socket out of its bucket if it is still there. */
void watch_leave(struct adopted *adopted);

/* Notes that the process has ended. */
void watch_end_process(struct watch *watch);

/* Runs until a signal ends it. Returns the exit status. */
int adopt_watch(const struct adopt *adopt);

#endif
