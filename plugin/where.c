// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where the next packet of an address goes: the maps that the selector decides by.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "bpffs.h"
#include "bpffs_map.h"
#include "cluster.h"
#include "endpoint_dir.h"
#include "error.h"
#include "pin_maps.h"
#include "slots.h"
#include "where.h"

static int open_array(const struct pmr_cluster *cluster, const char *map, __u32 value_size,
		      struct pmreuseport_error *error)
{
	return pmr_cluster_map(cluster, map, BPF_MAP_TYPE_ARRAY, sizeof(__u32), value_size, error);
}

static int read_error(int err, const char *what, struct pmreuseport_error *error)
{
	return pmr_error(error, err, "cannot read the map \"%s\" (%s)",
			 "check whether another process changes %s", what, strerror(-err),
			 PMR_ROOT);
}

/* Without such a map the selector is of a version that knows nothing of the matter. */
static int optional(int fd)
{
	return fd >= 0 || fd == -ENOENT ? 0 : fd;
}

static int open_optional(struct pmr_where *where, const struct pmr_cluster *cluster,
			 const char *endpoint_path, struct pmreuseport_error *error)
{
	char path[PMR_PIN_PATH_MAX];
	int err;

	err = optional(where->fallback = open_array(cluster, "fallback", sizeof(__u32), error));
	if (!err)
		err = optional(where->drained = open_array(cluster, "drained",
							   sizeof(struct pmr_drained), error));
	snprintf(path, sizeof(path), "%s/private_to", endpoint_path);
	if (!err)
		err = optional(where->private_to = pmr_bpffs_open(path, BPF_MAP_TYPE_ARRAY,
								  sizeof(__u32), error));
	return err ? err : pmr_pins_open(cluster, &where->pin_set, &where->pins, error);
}

int pmr_where_open(struct pmr_where *where, const char *name, const char *endpoint,
		   struct pmreuseport_error *error)
{
	char path[PMR_PATH_MAX + 1];
	struct pmr_cluster cluster;
	int err;

	*where = (struct pmr_where){-1, -1, -1, -1, -1, -1, -1, -1, -1};
	pmr_cluster_name(&cluster, name);
	snprintf(path, sizeof(path), "%s/%s", cluster.path, endpoint);

	where->slots = open_array(&cluster, "slots", PMR_SLOTS_SIZE, error);
	if (where->slots == -ENOENT)
		return pmr_error(error, -ENOTSUP,
				 "the selector of cluster \"%s\" has no slot table, so only itself "
				 "knows where an exporter goes",
				 "remove reuseport_bpf_prog to use the built-in one", name);
	if (where->slots < 0)
		return where->slots;
	err = where->nonce = open_array(&cluster, "nonce", sizeof(__u32), error);
	if (err >= 0)
		err = where->size = open_array(&cluster, "size", sizeof(__u32), error);
	if (err >= 0)
		err = where->targets = pmr_endpoint_open_array(path, endpoint, error);
	if (err == -ENOENT)
		read_error(err, "nonce, size or targets", error);
	if (err >= 0)
		err = open_optional(where, &cluster, path, error);
	if (err < 0)
		pmr_where_close(where);
	return err < 0 ? err : 0;
}

void pmr_where_close(struct pmr_where *where)
{
	const int fds[] = {where->nonce,   where->size,	    where->slots,
			   where->targets, where->fallback, where->drained,
			   where->pins,	   where->pin_set,  where->private_to};
	size_t i;

	for (i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

/* The one entry of an array map. */
static int read_number(int fd, __u32 *value, const char *what, struct pmreuseport_error *error)
{
	__u32 zero = 0;
	int err = bpf_map_lookup_elem(fd, &zero, value);

	return err ? read_error(err, what, error) : 0;
}

int pmr_where_look(const struct pmr_where *where, struct pmr_view *view,
		   struct pmreuseport_error *error)
{
	__u32 zero = 0, bucket;
	__u64 cookie;
	int err;

	memset(view, 0, sizeof(*view));
	err = read_number(where->nonce, &view->nonce, "nonce", error);
	if (!err)
		err = read_number(where->size, &view->buckets, "size", error);
	if (!err && where->fallback >= 0)
		err = read_number(where->fallback, &view->fallback, "fallback", error);
	if (!err && where->private_to >= 0)
		err = read_number(where->private_to, &view->private_to, "private_to", error);
	if (!err && where->drained >= 0 &&
	    (err = bpf_map_lookup_elem(where->drained, &zero, &view->drained)))
		read_error(err, "drained", error);
	if (!err)
		err = pmr_slots_read(where->slots, view->slots, error);
	for (bucket = 0; !err && bucket < PMR_MAX_BUCKETS; bucket++) {
		err = bpf_map_lookup_elem(where->targets, &bucket, &cookie);
		view->live[bucket] = !err;
		err = err && err != -ENOENT ? read_error(err, "targets", error) : 0;
	}
	return err ? err : pmr_pins_read(where->pin_set, where->pins, &view->pins, error);
}
