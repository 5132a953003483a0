/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What "doctor" found: a list of sentences, each ok, a warning, or a failure. */
#ifndef PMREUSEPORT_DOCTOR_CHECKS_H
#define PMREUSEPORT_DOCTOR_CHECKS_H

#include <stdbool.h>
#include <stddef.h>

#include "pmreuseport.h"

enum finding_result {
	FINDING_OK,
	FINDING_WARN,
	FINDING_FAIL,
	FINDING_RESULTS,
};

struct findings {
	struct finding *list;
	size_t n;
	size_t results[FINDING_RESULTS]; /* how many of each */
	bool incomplete;		 /* there was no memory for all */
};

/* What was looked at, how it is, and what that means, without a fullstop. */
void findings_add(struct findings *findings, const char *check, enum finding_result result,
		  const char *says, ...) __attribute__((format(printf, 4, 5)));

/* What to do about the last one. */
void findings_fix(struct findings *findings, const char *fix, ...)
	__attribute__((format(printf, 2, 3)));

/* What the library says, with its advice as the fix. */
void findings_add_error(struct findings *findings, const char *check, enum finding_result result,
			const struct pmreuseport_error *error);

/* All of them. Returns the exit status: that of a failure if there is one among them. */
int findings_print(const struct findings *findings);
int findings_print_json(const struct findings *findings);

void findings_free(struct findings *findings);

#endif
