/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How exporters are measured and weighed, as the command line says. */
#ifndef PMREUSEPORT_MEASURE_H
#define PMREUSEPORT_MEASURE_H

#include <argp.h>
#include <stdbool.h>

struct measure {
	unsigned int seconds;
	bool by_bytes; /* not by packets */
};

/* --seconds and --by. Input: a struct measure, with the defaults in it. */
extern const struct argp measure_argp;

#endif
