/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counters of each exporter, while they are switched on. */
#ifndef PMR_ACCOUNT_H
#define PMR_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>

#include "pmreuseport.h"
#include "reuseport.h"

struct pmr_exporter {
	struct pmr_source source;
	struct pmr_account account;
};

/*
 * Begins to count, from zero, or ends it and forgets what was counted. *changed: it was not
 * so before. -ENOENT: no such cluster. -ENOTSUP: its selector does not count.
 */
int pmr_account_switch(const char *cluster, bool on, bool *changed,
		       struct pmreuseport_error *error);

/* What was counted since it was switched on. */
struct pmr_accounts {
	struct pmr_exporter *list; /* in no order; to be freed */
	size_t n;
	__u64 added;		      /* to the map; those that are not in the list were deleted */
	struct pmr_traffic uncounted; /* of exporters that were not added to the map */
};

/* Free accounts->list also after a failure. -EAGAIN: it is switched off. Others as above. */
int pmr_account_read(const char *cluster, struct pmr_accounts *accounts,
		     struct pmreuseport_error *error);

#endif /* PMR_ACCOUNT_H */
