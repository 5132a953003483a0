// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bpffs.h"
#include "bpffs_map.h"
#include "error.h"
#include "object.h"
#include "selector_attach.h"

int pmr_selector_attach(int fd, int prog_fd, struct pmreuseport_error *error)
{
	int err;

	if (!setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_EBPF, &prog_fd, sizeof(prog_fd)))
		return 0;
	err = -errno;
	if (err == -EINVAL)
		return pmr_error(error, err, "socket %d is in no reuseport group",
				 "set SO_REUSEPORT before bind(), and do not connect() it", fd);
	return pmr_error(error, err, "cannot attach the selector to socket %d (%s)",
			 "run as root or with CAP_BPF", fd, strerror(-err));
}

int pmr_selector_attach_pinned(int fd, const char *endpoint_path, struct pmreuseport_error *error)
{
	char path[PMR_PATH_MAX + 16];
	int prog, err;

	snprintf(path, sizeof(path), "%s/%s", endpoint_path, PMR_SELECTOR);
	prog = pmr_bpffs_get(path, error);
	if (prog == -ENOENT)
		return pmr_error(error, prog, "%.200s is gone",
				 "restart all instances of the cluster", path);
	if (prog < 0)
		return prog;
	err = pmr_selector_attach(fd, prog, error);
	close(prog);
	return err;
}
