/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loads an object into the kernel. */
#ifndef PMR_OBJECT_LOAD_H
#define PMR_OBJECT_LOAD_H

#include "object.h"
#include "pmreuseport.h"

/* Loads the object, if its program is not shared. Nothing is pinned. Needs no lock. */
int pmr_object_load(struct pmr_object *object, struct pmreuseport_error *error);

#endif /* PMR_OBJECT_LOAD_H */
