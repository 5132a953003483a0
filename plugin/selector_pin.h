/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pin of a selector that was loaded for an endpoint: the attached program is the pinned one.
 * What can be refused comes before the socket enters, and the name comes after it, so that a
 * failed join leaves the program that was pinned. Both do nothing if the object shares it.
 */
#ifndef PMR_SELECTOR_PIN_H
#define PMR_SELECTOR_PIN_H

#include "bpffs_make.h"
#include "object.h"
#include "pmreuseport.h"

/* Pins it under a name that no other process reads. */
int pmr_selector_pin(const struct pmr_object *object, const char *directory, struct pmr_undo *undo,
		     struct pmreuseport_error *error);

/* Puts it in the place of the pinned program, in one step. */
int pmr_selector_name(const struct pmr_object *object, const char *directory, struct pmr_undo *undo,
		      struct pmreuseport_error *error);

#endif /* PMR_SELECTOR_PIN_H */
