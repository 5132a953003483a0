/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way of a socket into its bucket. */
#ifndef PMR_JOIN_H
#define PMR_JOIN_H

#include "adopt.h"
#include "pmreuseport.h"

/* pmreuseport_join(), and pmr_adopt() if adoption is not NULL. */
int pmr_join_as(int fd, const struct pmr_adoption *adoption,
		const struct pmreuseport_config *config, struct pmreuseport_member **result,
		struct pmreuseport_error *error);

#endif /* PMR_JOIN_H */
