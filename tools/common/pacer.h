/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_PACER_H
#define TOOLS_PACER_H

#include <stdint.h>

struct pacer {
	uint64_t start_ns;
	uint64_t sent;
	uint32_t rate; /* events per second, 0: do not wait */
};

uint64_t clock_ns(void); /* CLOCK_MONOTONIC */
void pacer_init(struct pacer *p, uint32_t rate);

/* Waits until the next event is due. */
void pacer_wait(struct pacer *p);

/* Waits until 'offset_ns' after pacer_init(). */
void pacer_wait_until(const struct pacer *p, uint64_t offset_ns);

#endif
