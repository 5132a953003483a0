/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMREUSEPORT_ADOPT_WATCH_CHECK_H
#define PMREUSEPORT_ADOPT_WATCH_CHECK_H

#include "adopt/watch.h"

/* Checks a live process once: its buckets, and which sockets it has closed and opened. */
void watch_check(struct watch *watch);

#endif
