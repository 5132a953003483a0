/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The records of members: which process put which socket into a bucket. */
#ifndef PMR_RECORDS_H
#define PMR_RECORDS_H

#include <linux/types.h>
#include <stdbool.h>

#include "member.h"
#include "process_id.h"
#include "reuseport.h"

/* The records of an endpoint, or a negative errno: objects of others have none. */
int pmr_records_open(const char *endpoint_path);

/* The record of a socket in a bucket. False: there is none. records_fd: -1 for no map. */
bool pmr_record_read(int records_fd, __u32 index, __u64 cookie, struct pmr_member_record *record);

/*
 * Whether the process that put this socket there still lives; see pmr_process_state().
 * *record: its record; cookie 0: there is none.
 */
enum pmr_process_state pmr_record_state(const char *endpoint_path, __u32 index, __u64 cookie,
					struct pmr_member_record *record, const char **why);

/*
 * Marks a socket that is about to be taken out of its bucket, so that its process does not
 * return to it.
 */
void pmr_record_released(const char *endpoint_path, __u32 index, __u64 cookie);

/* Counts that a member has attached the selector again. With the lock held. */
void pmr_record_reattached(const char *endpoint_path, __u32 index, __u64 cookie);

/* Records the member, of this process or of its owner. */
int pmr_record_write(int records_fd, const struct pmreuseport_member *member);

#endif /* PMR_RECORDS_H */
