/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loads an object, with the maps of the cluster. */
#ifndef PMR_OBJECT_LOAD_H
#define PMR_OBJECT_LOAD_H

#include "bpffs_make.h"
#include "cluster.h"
#include "object.h"
#include "pmreuseport.h"

/* Loads it, with maps of its own; nothing is pinned. */
int pmr_object_try(struct pmr_object *object, struct pmreuseport_error *error);

/*
 * Loads it, with the maps that are pinned already in place of its own, and pins
 * those that are not.
 */
int pmr_object_load(struct pmr_object *object, const struct pmr_cluster *cluster,
		    const char *endpoint_path, struct pmr_undo *undo,
		    struct pmreuseport_error *error);

/*
 * Removes the cluster's pins of maps that the object has not; those of the endpoint with
 * endpoint_path, which is NULL for those of all endpoints together.
 */
void pmr_object_drop_stale(const struct pmr_object *object, const struct pmr_cluster *cluster,
			   const char *endpoint_path);

#endif /* PMR_OBJECT_LOAD_H */
