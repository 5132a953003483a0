// SPDX-License-Identifier: GPL-2.0-or-later
/* Loads an object, with the maps of the cluster. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpffs.h"
#include "bpffs_map.h"
#include "error.h"
#include "libbpf_log.h"
#include "object_load.h"
#include "object_maps.h"

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

/* Puts the pinned map, if there is one, in the place of the object's own. */
static int share_map(struct bpf_map *map, const char *path, const struct pmr_cluster *cluster,
		     struct pmreuseport_error *error)
{
	struct bpf_map_info info = {0};
	__u32 len = sizeof(info);
	int fd, err;

	fd = pmr_bpffs_get(path, error);
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;

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
			  "stop all instances of the cluster, then: rm -r %s", path, strerror(-err),
			  cluster->path);
out:
	close(fd);
	return err;
}

static int load_error(const struct pmr_object *object, int err, struct pmr_log *log,
		      struct pmreuseport_error *error)
{
	struct utsname host = {0};

	if (err == -EPERM)
		return pmr_error(error, err,
				 "the kernel does not let this process load BPF programs (%s)",
				 "run as root or with CAP_BPF", strerror(-err));

	if (err == -EMFILE || err == -ENFILE || err == -ENOMEM)
		return pmr_error(error, err, "cannot load object %.200s (%s)",
				 "raise the limit of open files or of memory", object->name,
				 strerror(-err));

	if (libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_SK_REUSEPORT, NULL) != 1) {
		uname(&host);
		return pmr_error(error, -ENOTSUP, "kernel %s has no sk_reuseport BPF programs (%s)",
				 "use Linux 5.14 or newer", host.release, strerror(-err));
	}

	return pmr_error(error, err, "the kernel refused program \"%s\" of object %.200s (%s)",
			 "correct the object: %s", PMR_SELECTOR, object->name, strerror(-err),
			 pmr_log_tail(log));
}

/*
 * Calls libbpf with its output captured: the error, if any, is in the log. The verifier stops
 * with -EAGAIN at a pending signal (kernel/bpf/verifier.c, do_check()), which a process with
 * a timer, such as a profiler's, always has: so this thread takes signals afterwards.
 */
int pmr_object_try(struct pmr_object *object, struct pmreuseport_error *error)
{
	sigset_t all, before;
	struct pmr_log log;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pmr_log_begin(&log);
	err = bpf_object__load(object->bpf);
	pmr_log_end();
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (err)
		return load_error(object, err, &log, error);

	object->prog_fd =
		bpf_program__fd(bpf_object__find_program_by_name(object->bpf, PMR_SELECTOR));
	return 0;
}

int pmr_object_load(struct pmr_object *object, const struct pmr_cluster *cluster,
		    const char *endpoint_path, struct pmr_undo *undo,
		    struct pmreuseport_error *error)
{
	const struct pmr_map_spec *spec = NULL;
	char path[PMR_PATH_MAX];
	struct bpf_map *map;
	int err = 0;

	while (!err && (spec = pmr_map_spec_next(object, spec))) {
		map = *pmr_map_field(object, spec);
		if (!map)
			continue;
		err = pin_path(path, spec, cluster, endpoint_path, error);
		if (!err)
			err = share_map(map, path, cluster, error);
	}
	if (!err)
		err = pmr_object_try(object, error);

	spec = NULL;
	while (!err && (spec = pmr_map_spec_next(object, spec))) {
		map = *pmr_map_field(object, spec);
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
