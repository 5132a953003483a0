/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The findings of "doctor": sentences, each ok, a warning, or a failure. */
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
	size_t results[FINDING_RESULTS]; /* the number of each */
	bool incomplete;		 /* out of memory for some */
};

/* What was checked, the result, and a sentence without a full stop. */
void findings_add(struct findings *findings, const char *check, enum finding_result result,
		  const char *says, ...) __attribute__((format(printf, 4, 5)));

/* What to do about the last finding. */
void findings_fix(struct findings *findings, const char *fix, ...)
	__attribute__((format(printf, 2, 3)));

/* An error of the library, with its advice as the fix. */
void findings_add_error(struct findings *findings, const char *check, enum finding_result result,
			const struct pmreuseport_error *error);

/* Prints all findings. Returns the exit status, which is 1 if one of them is a failure. */
int findings_print(const struct findings *findings);
int findings_print_json(const struct findings *findings);

void findings_free(struct findings *findings);

#endif
