/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One bucket of one endpoint; with the lock held, where nothing else is said. */
#ifndef PMR_BUCKET_H
#define PMR_BUCKET_H

#include <stdbool.h>

#include "member.h"
#include "object.h"
#include "pmreuseport.h"
#include "reuseport.h"

/*
 * -EBUSY if the socket is in another bucket of the endpoint: the kernel lets it stand
 * in one entry only.
 */
int pmr_bucket_check(int fd, const struct pmr_object *object,
		     const struct pmreuseport_member *member, struct pmreuseport_error *error);

/* Notes in the member which process holds the bucket that it is about to take. */
void pmr_bucket_note_previous(const struct pmr_object *object, struct pmreuseport_member *member);

/*
 * Takes it, and records who did; *before receives the record that was there. On an error both
 * are as before.
 */
int pmr_bucket_enter(int fd, const struct pmr_object *object,
		     const struct pmreuseport_member *member, struct pmr_member_record *before,
		     struct pmreuseport_error *error);

/*
 * Another process that holds the bucket; pid 0: not known. False: none does. members: -1
 * for objects that have no such map. Needs no lock.
 */
bool pmr_bucket_other(int targets, int members, const struct pmreuseport_member *member,
		      struct pmreuseport_process *other);

/* The array of the endpoint. -ENOENT, with *error unset: it has none. Needs no lock. */
int pmr_bucket_open_array(const struct pmreuseport_member *member, struct pmreuseport_error *error);

/* Whether the socket stands in the bucket. */
bool pmr_bucket_has(const struct pmr_object *object, const struct pmreuseport_member *member);

/*
 * Takes it out again, unless it was there before, and restores the record; needs no descriptor,
 * which may be what was missing.
 */
void pmr_bucket_undo(const struct pmr_object *object, const struct pmreuseport_member *member,
		     const struct pmr_member_record *before);

/* The answer of pmreuseport_state(). Needs no lock. */
enum pmreuseport_state pmr_bucket_state(const struct pmreuseport_member *member);

/* 1: the socket is back. 0: its bucket is not PMREUSEPORT_EMPTY. */
int pmr_bucket_return(int fd, const struct pmreuseport_member *member,
		      struct pmreuseport_error *error);

/* Deletes the entry if it is still the member's. */
int pmr_bucket_leave(const struct pmreuseport_member *member, struct pmreuseport_error *error);

#endif /* PMR_BUCKET_H */
