/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text format of Prometheus, version 0.0.4: families of samples. */
#ifndef PMREUSEPORT_METRICS_EXPOSITION_H
#define PMREUSEPORT_METRICS_EXPOSITION_H

#include <stdint.h>
#include <stdio.h>

#define EXPOSITION_TYPE "text/plain; version=0.0.4; charset=utf-8"

struct exposition {
	FILE *out;
	const char *family, *type, *help;
	unsigned int samples; /* of this family */
	unsigned int labels;  /* of this sample */
};

/*
 * Begins a family: all samples until the next call belong to it. A family without samples is
 * omitted. help: without newline and backslash.
 */
void exposition_family(struct exposition *ex, const char *name, const char *type, const char *help);

/* A sample: its labels, if any, then its value. */
void exposition_sample(struct exposition *ex);
void exposition_label(struct exposition *ex, const char *name, const char *value);
void exposition_number(struct exposition *ex, const char *name, uint64_t value);
void exposition_value(struct exposition *ex, uint64_t value);

/* The same for a time, which is a value in seconds. */
void exposition_ns(struct exposition *ex, uint64_t ns);

#endif
