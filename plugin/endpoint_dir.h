/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The directories of a cluster's endpoints. */
#ifndef PMR_ENDPOINT_DIR_H
#define PMR_ENDPOINT_DIR_H

#include <limits.h>

#include "bpffs.h"
#include "cluster.h"
#include "pmreuseport.h"

/* Of a directory of bpffs, whose names have at most 255 bytes. */
#define PMR_DIR_PATH_MAX (PMR_PATH_MAX + NAME_MAX + 2)

/* Of a pin in it. */
#define PMR_PIN_PATH_MAX (PMR_DIR_PATH_MAX + 32)

/* The array of an endpoint. -ENOENT, with *error unset: it has none. */
int pmr_endpoint_open_array(const char *endpoint_path, const char *endpoint_name,
			    struct pmreuseport_error *error);

/* Calls fn for each endpoint of the cluster until it returns other than 0. */
int pmr_endpoint_each(const struct pmr_cluster *cluster,
		      int (*fn)(const char *path, const char *name, void *context,
				struct pmreuseport_error *error),
		      void *context, struct pmreuseport_error *error);

#endif /* PMR_ENDPOINT_DIR_H */
