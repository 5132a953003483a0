/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What "doctor" found: a list of sentences, each ok, a warning, or a failure. */
#ifndef PMREUSEPORT_DOCTOR_CHECKS_H
#define PMREUSEPORT_DOCTOR_CHECKS_H

#include <stdbool.h>
#include <stddef.h>

#include "pmreuseport.h"

enum check_result {
	CHECK_OK,
	CHECK_WARN,
	CHECK_FAIL,
	CHECK_RESULTS,
};

struct checks {
	struct check *list;
	size_t n;
	size_t results[CHECK_RESULTS]; /* how many of each */
	bool incomplete;	       /* there was no memory for all */
};

/* What was looked at, how it is, and what that means, without a fullstop. */
void checks_add(struct checks *checks, const char *check, enum check_result result,
		const char *says, ...) __attribute__((format(printf, 4, 5)));

/* What to do about the last one. */
void checks_fix(struct checks *checks, const char *fix, ...) __attribute__((format(printf, 2, 3)));

/* What the library says, with its advice as the fix. */
void checks_add_error(struct checks *checks, const char *check, enum check_result result,
		      const struct pmreuseport_error *error);

/* All of them. Returns the exit status: that of a failure if there is one among them. */
int checks_print(const struct checks *checks);
int checks_print_json(const struct checks *checks);

void checks_free(struct checks *checks);

#endif
