/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pins of a cluster: reading them, and changing them all in one step. */
#ifndef PMR_PINS_H
#define PMR_PINS_H

#include <stdint.h>

#include "cluster.h"
#include "pin.h"
#include "pmreuseport.h"

/*
 * The pins of a cluster, read with the lock. -ENOENT: no such cluster. -ENOTSUP: its
 * selector has no pins.
 */
int pmr_pins_of(const char *cluster, struct pmr_pins *pins, struct pmreuseport_error *error);

/* As the bucket of a pin, with PMR_PINS_ADD: there shall be none with that prefix. */
#define PMR_UNPINNED UINT32_MAX

enum pmr_pins_change {
	PMR_PINS_ADD,	  /* instead of those with the same prefix */
	PMR_PINS_REMOVE,  /* by their prefix; -ENOENT, and no change, if one is not there */
	PMR_PINS_REPLACE, /* all that there are */
};

/*
 * Changes the pins of a cluster, all in one step: at no moment does the selector see a part
 * of the change. An exporter in quarantine is free again if the change leaves it no pin that says
 * drop. *pins is put in order. -EINVAL: no such bucket, a prefix twice, or too
 * many. -ENOENT: no such cluster. -ENOTSUP: its selector has no pins.
 */
int pmr_pins_change(const char *cluster, enum pmr_pins_change how, struct pmr_pins *pins,
		    struct pmreuseport_error *error);

/* The same with the lock held, which must be exclusive. */
int pmr_pins_change_in(const struct pmr_cluster *cluster, enum pmr_pins_change how,
		       struct pmr_pins *pins, struct pmreuseport_error *error);

#endif /* PMR_PINS_H */
