/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Deadlines are absolute and counted from the start: a late wake-up makes the
 * next wait shorter, so the mean rate does not drift.
 */
#include "pacer.h"

#include <errno.h>
#include <time.h>

#define NS_PER_S 1000000000ull

uint64_t clock_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

void pacer_init(struct pacer *p, uint32_t rate)
{
	p->start_ns = clock_ns();
	p->sent = 0;
	p->rate = rate;
}

void pacer_wait_until(const struct pacer *p, uint64_t offset_ns)
{
	uint64_t at = p->start_ns + offset_ns;
	struct timespec ts = {
		.tv_sec = (time_t)(at / NS_PER_S),
		.tv_nsec = (long)(at % NS_PER_S),
	};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) == EINTR)
		;
}

void pacer_wait(struct pacer *p)
{
	uint64_t n = p->sent++;

	if (!p->rate)
		return;
	/* Whole seconds apart: n * NS_PER_S would overflow in a long run. */
	pacer_wait_until(p, n / p->rate * NS_PER_S + n % p->rate * NS_PER_S / p->rate);
}
