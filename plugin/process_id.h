/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which process a record names. A pid alone does not say: it means another process in
 * another pid namespace, and the kernel gives it to a new process after the old one has
 * ended.
 */
#ifndef PMR_PROCESS_ID_H
#define PMR_PROCESS_ID_H

#include <stdbool.h>
#include <sys/types.h>

#include "reuseport.h"

/* Fills pid, pid_ns, time_ns and started. pid: as this process sees it. */
void pmr_process_identify(pid_t pid, struct pmr_member_record *record);

/* True if the pid in a record is of another pid namespace than that of this process. */
bool pmr_process_is_elsewhere(const struct pmr_member_record *record);

enum pmr_process_state {
	PMR_PROCESS_LIVES,
	PMR_PROCESS_ENDED,
	PMR_PROCESS_UNKNOWN,
};

/* *why receives the reason why the state is unknown. */
enum pmr_process_state pmr_process_state(const struct pmr_member_record *record, const char **why);

#endif /* PMR_PROCESS_ID_H */
