/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a function of the library says what went wrong. */
#ifndef PMR_ERROR_H
#define PMR_ERROR_H

#include <stddef.h>

#include "pmreuseport.h"

/*
 * Fills *error, if error is not NULL: what is wrong and what to do about it, two string
 * literals that are formats, and then the values of both. Returns code, to be passed on.
 */
#define pmr_error(error, code, what, advice, ...) \
	pmr_refuse(error, PMREUSEPORT_NO_REFUSAL, code, what, advice, ##__VA_ARGS__)

/* The same for a refusal that shares its code with others. */
#define pmr_refuse(error, refusal, code, what, advice, ...) \
	pmr_error_set(error, refusal, code, sizeof(what) - 1, what advice, ##__VA_ARGS__)

/* format: what and advice, one after the other; what_length is the length of the first. */
int pmr_error_set(struct pmreuseport_error *error, enum pmreuseport_refusal refusal, int code,
		  size_t what_length, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* Notes which socket a call failed for. Returns code, to be passed on. */
int pmr_error_of(int fd, int code, struct pmreuseport_error *error);

/* Room for what and advice in one sentence. */
#define PMR_SENTENCE_MAX                                 \
	(sizeof(((struct pmreuseport_error *)0)->what) + \
	 sizeof(((struct pmreuseport_error *)0)->advice) + 2)

/* Writes "what; advice" into text, and returns it. */
const char *pmr_sentence(const struct pmreuseport_error *error, char text[PMR_SENTENCE_MAX]);

/* What to do about it: make room if that is what was missing, or else as is said. */
const char *pmr_advice(int err, const char *otherwise);

#endif /* PMR_ERROR_H */
