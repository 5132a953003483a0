/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A member: one socket in one bucket. */
#ifndef PMR_MEMBER_H
#define PMR_MEMBER_H

#include <linux/types.h>
#include <stdbool.h>

#include "bpffs.h"
#include "bypass.h"
#include "pmreuseport.h"

struct pmr_prepared;

/* Once it has entered, a member has no descriptors, so it can be forgotten. */
struct pmreuseport_member {
	char cluster[PMREUSEPORT_CLUSTER_NAME_MAX + 1];
	char path[PMR_PATH_MAX]; /* of the endpoint */
	bool tcp;
	__u32 index;
	__u64 cookie;
	__u32 max_sessions;		  /* see pmreuseport_set_max_sessions() */
	__u32 targets_id;		  /* the number of the array that it has entered */
	struct pmreuseport_process owner; /* of the socket; pid 0: this process */
	bool was_there;			  /* in the bucket, before the join */
	bool took_over;
	bool had_reuse_addr; /* see reuse_addr.h */
	struct pmreuseport_process previous;
	unsigned int previous_count;
	unsigned int outside; /* see pmreuseport_outside() */
	struct pmr_bypass bypass;
	struct pmr_prepared *prepared; /* NULL once it has entered */
};

#endif /* PMR_MEMBER_H */
