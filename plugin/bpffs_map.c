// SPDX-License-Identifier: GPL-2.0-or-later
/* Maps by the path of their pin. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "bpffs_map.h"
#include "error.h"

int pmr_bpffs_get(const char *path, struct pmreuseport_error *error)
{
	int fd = bpf_obj_get(path);

	if (fd < 0 && fd != -ENOENT)
		return pmr_error(error, fd, "cannot open %.200s (%s)", "%s", path, strerror(-fd),
				 pmr_advice(fd, "run as its owner or as root"));
	return fd;
}

int pmr_bpffs_open(const char *path, __u32 type, __u32 value_size, struct pmreuseport_error *error)
{
	return pmr_bpffs_open_keyed(path, type, sizeof(__u32), value_size, error);
}

int pmr_bpffs_open_keyed(const char *path, __u32 type, __u32 key_size, __u32 value_size,
			 struct pmreuseport_error *error)
{
	struct bpf_map_info info = {0};
	__u32 len = sizeof(info);
	int fd = pmr_bpffs_get(path, error);

	if (fd < 0)
		return fd;
	if (!bpf_obj_get_info_by_fd(fd, &info, &len) && info.type == type &&
	    info.key_size == key_size && info.value_size == value_size)
		return fd;
	close(fd);
	return pmr_error(error, -EINVAL, "%.200s is not a map of this project",
			 "stop all instances of the cluster, then remove its pins", path);
}

__u32 pmr_map_id(int fd)
{
	struct bpf_map_info info = {0};
	__u32 len = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &len) ? 0 : info.id;
}
