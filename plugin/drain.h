/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lets nothing new reach a bucket, or gives it its exporters back. */
#ifndef PMR_DRAIN_H
#define PMR_DRAIN_H

#include <stdbool.h>

#include "pmreuseport.h"

/*
 * Lets nothing new reach a bucket (drain) or gives it its exporters back. *changed: it was
 * not so before. -EINVAL: there is no such bucket. -EBUSY: an endpoint has no other live
 * bucket. -ENOENT: no such cluster. -ENOTSUP: its selector cannot do that.
 */
int pmr_drain(const char *cluster, unsigned int index, bool drain, bool *changed,
	      struct pmreuseport_error *error);

#endif /* PMR_DRAIN_H */
