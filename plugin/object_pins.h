/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pins of a cluster that an object shares with other instances, or adds. */
#ifndef PMR_OBJECT_PINS_H
#define PMR_OBJECT_PINS_H

#include "bpffs_make.h"
#include "cluster.h"
#include "object.h"
#include "pmreuseport.h"

/*
 * Puts the maps that are pinned in place of the object's own. If the pinned program is the
 * built-in selector of this version, it is shared too, and nothing has to be loaded. For
 * objects that are not loaded yet, with the lock held.
 */
int pmr_object_share(struct pmr_object *object, const struct pmr_cluster *cluster,
		     const char *endpoint_path, struct pmreuseport_error *error);

/*
 * Puts the cluster's maps of a loaded object in place of those that are not pinned: both
 * objects are for sockets of one instance.
 */
int pmr_object_share_with(struct pmr_object *object, const struct pmr_object *first,
			  struct pmreuseport_error *error);

/*
 * 1: what is pinned is as it was for pmr_object_share(). 0: it has changed. With the lock
 * held.
 */
int pmr_object_fits(const struct pmr_object *object, const struct pmr_cluster *cluster,
		    const char *endpoint_path, struct pmreuseport_error *error);

/* Pins the maps that are not pinned. With the lock held. */
int pmr_object_pin(const struct pmr_object *object, const struct pmr_cluster *cluster,
		   const char *endpoint_path, struct pmr_undo *undo,
		   struct pmreuseport_error *error);

/*
 * Removes the cluster's pins of maps that the object has not; those of the endpoint with
 * endpoint_path, which is NULL for those of all endpoints together.
 */
void pmr_object_drop_stale(const struct pmr_object *object, const struct pmr_cluster *cluster,
			   const char *endpoint_path);

#endif /* PMR_OBJECT_PINS_H */
