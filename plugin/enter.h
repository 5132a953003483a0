/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The moment in which the sockets of an instance enter their bucket. */
#ifndef PMR_ENTER_H
#define PMR_ENTER_H

#include <stddef.h>

#include "pmreuseport.h"

/* pmreuseport_enter() */
int pmr_enter(struct pmreuseport_member *const members[], size_t n,
	      struct pmreuseport_error *error);

#endif /* PMR_ENTER_H */
