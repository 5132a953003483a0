/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A plan as "balance" prints it: loads before and after, and the moves. */
#ifndef PMREUSEPORT_BALANCE_REPORT_H
#define PMREUSEPORT_BALANCE_REPORT_H

#include <jansson.h>

#include "balance/load.h"

struct balance_report {
	const char *cluster;
	unsigned int seconds;
	bool by_bytes;
	bool dry_run;
	double target;
	struct balance_load load;
	struct balance_plan plan;
};

/* True: the exporter goes to its bucket without a pin, so its pin is removed. */
bool balance_is_unpinned(const struct balance_report *report, const struct balance_move *move);

/* Says why the target is not reached, and what can be reached. */
void balance_shortfall(const struct balance_report *report, struct pmreuseport_error *error);

void balance_print(const struct balance_report *report);

/* New, or NULL. */
json_t *balance_json(const struct balance_report *report);

#endif
