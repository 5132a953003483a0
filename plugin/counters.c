// SPDX-License-Identifier: GPL-2.0-or-later
/* What the selector has counted in an endpoint: in two maps, of each CPU. */
#include <string.h>

#include "counters.h"
#include "per_cpu.h"

#define WORDS (sizeof(struct pmr_counters) / sizeof(__u64))

int pmr_counters_read(const char *directory, struct pmr_counted *counted,
		      struct pmreuseport_error *error)
{
	struct pmr_counters of[PMR_MAX_BUCKETS] = {0};
	__u64 *decisions = counted->decisions;
	__u32 index;
	int err;

	memset(counted, 0, sizeof(*counted));
	err = pmr_per_cpu_sum(directory, "counters", PMR_MAX_BUCKETS, WORDS, (__u64 *)of, error);
	if (!err)
		err = pmr_per_cpu_sum(directory, "decisions", PMR_DECISIONS, 1, decisions, error);
	for (index = 0; !err && index < PMR_MAX_BUCKETS; index++) {
		counted->bucket[index] = of[index].traffic;
		decisions[PMR_FAILOVER] += of[index].failover;
		decisions[PMR_PINNED] += of[index].pinned;
		decisions[PMR_PRIMARY] +=
			of[index].traffic.packets - of[index].failover - of[index].pinned;
	}
	return err;
}
