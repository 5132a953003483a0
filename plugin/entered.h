/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A mark on each socket that has entered a bucket, which other processes can see. */
#ifndef PMR_ENTERED_H
#define PMR_ENTERED_H

#include <stdbool.h>

#include "endpoint.h"
#include "pmreuseport.h"

/* Sets or removes it. Without a mark, a socket is only missed by pmr_entered_check(). */
void pmr_entered_mark(int fd, bool entered);

/*
 * -EEXIST if the endpoint has no array of sockets, and another socket of its reuseport group has
 * the mark: the selector of the group then uses maps that are not pinned. Looks only at the
 * network namespace of this process. With the lock held.
 */
int pmr_entered_check(int fd, const struct pmr_endpoint *endpoint, const char *endpoint_path,
		      struct pmreuseport_error *error);

#endif /* PMR_ENTERED_H */
