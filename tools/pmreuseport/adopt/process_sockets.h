/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sockets that a process has open. */
#ifndef PMREUSEPORT_ADOPT_PROCESS_SOCKETS_H
#define PMREUSEPORT_ADOPT_PROCESS_SOCKETS_H

#include <stdbool.h>
#include <stdint.h>

#include "adopt/process.h"

/* Says why the sockets of a process cannot be read. Returns err; -ESRCH has no sentence. */
int process_refused(const struct process *process, int err, struct pmreuseport_error *error);

/*
 * Calls fn with a copy of each socket, until fn returns other than 0. fn closes the copy.
 * -ESRCH, without a sentence: the process has ended.
 */
int process_each_socket(const struct process *process,
			int (*fn)(int fd, void *context, struct pmreuseport_error *error),
			void *context, struct pmreuseport_error *error);

/* Whether the process has the socket with that SO_COOKIE open. Errors as above. */
int process_has_socket(const struct process *process, uint64_t cookie, bool *has,
		       struct pmreuseport_error *error);

#endif
