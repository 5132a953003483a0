// SPDX-License-Identifier: GPL-2.0-or-later
/* The pins of a cluster that an object shares with other instances, or adds. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpffs.h"
#include "bpffs_map.h"
#include "error.h"
#include "object_maps.h"
#include "object_pins.h"
#include "selector_id.h"

/* More than a selector of ours uses. */
#define MAPS_MAX 32

static int pin_path(char path[PMR_PATH_MAX], const struct pmr_map_spec *spec,
		    const struct pmr_cluster *cluster, const char *endpoint_path,
		    struct pmreuseport_error *error)
{
	int n = snprintf(path, PMR_PATH_MAX, "%s/%s",
			 spec->scope == PMR_CLUSTER_MAP ? cluster->path : endpoint_path,
			 spec->name);

	return n < PMR_PATH_MAX ? 0
				: pmr_error(error, -ENAMETOOLONG, "path %s... is too long",
					    "use a shorter cluster name", path);
}

/* Puts the pinned map in place of the object's own. -ENOENT: there is none. */
static int share_map(struct bpf_map *map, const char *path, const struct pmr_cluster *cluster,
		     struct pmreuseport_error *error)
{
	struct bpf_map_info info = {0};
	__u32 len = sizeof(info);
	int fd, err;

	fd = pmr_bpffs_get(path, error);
	if (fd < 0)
		return fd;

	err = bpf_obj_get_info_by_fd(fd, &info, &len);
	if (err) {
		pmr_error(error, err, "cannot tell the layout of %s (%s)",
			  "stop all instances of the cluster, then: rm -r %s", path, strerror(-err),
			  cluster->path);
		goto out;
	}
	if (info.type != bpf_map__type(map) || info.key_size != bpf_map__key_size(map) ||
	    info.value_size != bpf_map__value_size(map) ||
	    info.max_entries != bpf_map__max_entries(map) ||
	    info.map_flags != bpf_map__map_flags(map)) {
		err = pmr_refuse(error, PMREUSEPORT_OTHER_LAYOUT, -EEXIST,
				 "the map pinned at %s has another layout than this version's",
				 "stop all instances of the cluster, then: rm -r %s", path,
				 cluster->path);
		goto out;
	}
	err = bpf_map__reuse_fd(map, fd);
	if (err)
		pmr_error(error, err, "cannot use the map pinned at %s (%s)",
			  "raise the limit of open files or of memory", path, strerror(-err));
out:
	close(fd);
	return err;
}

static __u32 program_id(int fd)
{
	struct bpf_prog_info info = {0};
	__u32 len = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &len) ? 0 : info.id;
}

/* Pins may have been removed and made again: a program keeps the maps that it was loaded with. */
static bool uses_maps_of(int prog_fd, const struct pmr_object *object)
{
	const struct pmr_map_spec *spec = NULL;
	struct bpf_prog_info info = {0};
	__u32 len = sizeof(info), ids[MAPS_MAX], id, i;
	struct bpf_map *map;

	info.map_ids = (uintptr_t)ids;
	info.nr_map_ids = MAPS_MAX;
	if (bpf_obj_get_info_by_fd(prog_fd, &info, &len) || info.nr_map_ids > MAPS_MAX)
		return false;
	while ((spec = pmr_map_spec_next(object, spec))) {
		map = *pmr_map_field((struct pmr_object *)object, spec);
		/* The program does not use what only the library reads. */
		if (!map || map == object->members || map == object->seed)
			continue;
		id = pmr_map_id(bpf_map__fd(map));
		for (i = 0; i < info.nr_map_ids && ids[i] != id; i++)
			;
		if (i == info.nr_map_ids)
			return false;
	}
	return true;
}

/* The pinned program, if it is the built-in selector of this version with these maps. */
static int share_selector(struct pmr_object *object, const char *endpoint_path,
			  struct pmreuseport_error *error)
{
	char path[PMR_PATH_MAX + 16], id[sizeof(PMR_SELECTOR_ID)];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", endpoint_path, PMR_SELECTOR_ID_LINK);
	n = readlink(path, id, sizeof(id));
	if (!object->id || n != sizeof(id) - 1 || memcmp(id, object->id, n))
		return 0;
	snprintf(path, sizeof(path), "%s/%s", endpoint_path, PMR_SELECTOR);
	fd = pmr_bpffs_get(path, error);
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	if (!uses_maps_of(fd, object)) {
		close(fd);
		return 0;
	}
	object->prog_fd = fd;
	object->shares_selector = true;
	return 0;
}

int pmr_object_share(struct pmr_object *object, const struct pmr_cluster *cluster,
		     const char *endpoint_path, struct pmreuseport_error *error)
{
	const struct pmr_map_spec *spec = NULL;
	char path[PMR_PATH_MAX];
	struct bpf_map *map;
	bool all = true;
	int err = 0;

	while ((spec = pmr_map_spec_next(object, spec))) {
		map = *pmr_map_field(object, spec);
		if (!map)
			continue;
		err = pin_path(path, spec, cluster, endpoint_path, error);
		if (!err)
			err = share_map(map, path, cluster, error);
		if (!err)
			object->shared |= pmr_map_bit(spec);
		else if (err != -ENOENT)
			return err;
		else
			all = false;
	}
	return all ? share_selector(object, endpoint_path, error) : 0;
}

int pmr_object_share_with(struct pmr_object *object, const struct pmr_object *first,
			  struct pmreuseport_error *error)
{
	const struct pmr_map_spec *spec = NULL;
	struct bpf_map *map, *other;
	int err;

	while ((spec = pmr_map_spec_next(object, spec))) {
		map = *pmr_map_field(object, spec);
		other = *pmr_map_field((struct pmr_object *)first, spec);
		if (!map || !other || spec->scope != PMR_CLUSTER_MAP ||
		    object->shared & pmr_map_bit(spec))
			continue;
		err = bpf_map__reuse_fd(map, bpf_map__fd(other));
		if (err)
			return pmr_error(error, err, "cannot share the map \"%s\" (%s)", "%s",
					 spec->name, strerror(-err),
					 pmr_advice(err, "use the same reuseport_bpf_prog"));
	}
	return 0;
}

/* 1: what is pinned there has this number. 0: it has not. */
static int is_pinned(const char *path, __u32 (*id_of)(int fd), __u32 id,
		     struct pmreuseport_error *error)
{
	const int pinned = pmr_bpffs_get(path, error);
	bool same;

	if (pinned < 0)
		return pinned == -ENOENT ? 0 : pinned;
	same = id_of(pinned) == id;
	close(pinned);
	return same;
}

int pmr_object_fits(const struct pmr_object *object, const struct pmr_cluster *cluster,
		    const char *endpoint_path, struct pmreuseport_error *error)
{
	const struct pmr_map_spec *spec = NULL;
	char path[PMR_PATH_MAX + 16];
	struct bpf_map *map;
	int fits = 1;

	while (fits > 0 && (spec = pmr_map_spec_next(object, spec))) {
		map = *pmr_map_field((struct pmr_object *)object, spec);
		if (!map)
			continue;
		fits = pin_path(path, spec, cluster, endpoint_path, error);
		if (!fits && object->shared & pmr_map_bit(spec))
			fits = is_pinned(path, pmr_map_id, pmr_map_id(bpf_map__fd(map)), error);
		else if (!fits)
			fits = !pmr_bpffs_exists(path);
	}
	if (fits > 0 && object->shares_selector) {
		snprintf(path, sizeof(path), "%s/%s", endpoint_path, PMR_SELECTOR);
		fits = is_pinned(path, program_id, program_id(object->prog_fd), error);
	}
	return fits;
}

int pmr_object_pin(const struct pmr_object *object, const struct pmr_cluster *cluster,
		   const char *endpoint_path, struct pmr_undo *undo,
		   struct pmreuseport_error *error)
{
	const struct pmr_map_spec *spec = NULL;
	char path[PMR_PATH_MAX];
	struct bpf_map *map;
	int err = 0;

	while (!err && (spec = pmr_map_spec_next(object, spec))) {
		map = *pmr_map_field((struct pmr_object *)object, spec);
		if (!map)
			continue;
		err = pin_path(path, spec, cluster, endpoint_path, error);
		if (!err && !pmr_bpffs_exists(path))
			err = pmr_bpffs_pin(bpf_map__fd(map), path, undo, error);
	}
	return err;
}

void pmr_object_drop_stale(const struct pmr_object *object, const struct pmr_cluster *cluster,
			   const char *endpoint_path)
{
	const struct pmr_map_spec *spec = NULL;
	char path[PMR_PATH_MAX];

	while ((spec = pmr_map_spec_next(object, spec)))
		if ((spec->scope == PMR_CLUSTER_MAP) == !endpoint_path &&
		    !*pmr_map_field(object, spec) &&
		    !pin_path(path, spec, cluster, endpoint_path, NULL))
			unlink(path);
}
