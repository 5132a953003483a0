// SPDX-License-Identifier: GPL-2.0-or-later
/* Where the bytes of an object come from: a file, or this library. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bpffs.h"
#include "error.h"
#include "object_file.h"

/* Made by bpftool; only the bytes of the ELF object in it are used. */
#include "reuseport.skel.h"

/* Ours has some 30 KiB; no selector needs more than this. */
#define MAX_SIZE (4 * 1024 * 1024)

static int read_all(int fd, char *bytes, size_t size)
{
	size_t got = 0;

	while (got < size) {
		ssize_t n = read(fd, bytes + got, size - got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		got += n;
	}
	return 0;
}

static int check_file(int fd, const char *file, size_t *size, struct pmreuseport_error *error)
{
	struct stat st;

	if (fstat(fd, &st))
		return pmr_error(error, -errno, "cannot look at reuseport_bpf_prog %.200s (%s)",
				 "check its file system for errors", file, strerror(errno));
	if (!S_ISREG(st.st_mode) || !st.st_size || st.st_size > MAX_SIZE)
		return pmr_error(error, -EINVAL,
				 "reuseport_bpf_prog %.200s is not a regular file of 1 byte to 4 "
				 "MiB",
				 "name an ELF file made by clang -target bpf", file);
	if (!pmr_only_ours(&st))
		return pmr_error(error, -EACCES,
				 "reuseport_bpf_prog %.200s is owned by user %u with mode %03o, so "
				 "others could change it",
				 "chown it to root and chmod go-w it", file,
				 (unsigned int)st.st_uid, (unsigned int)st.st_mode & 0777);
	*size = st.st_size;
	return 0;
}

int pmr_elf_read(struct pmr_elf *elf, const char *file, struct pmreuseport_error *error)
{
	int fd, err;

	elf->owned = NULL;
	if (!file) {
		elf->bytes = reuseport_bpf__elf_bytes(&elf->size);
		return 0;
	}

	/* O_NONBLOCK: opening a FIFO must not hang a daemon. */
	fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return pmr_error(error, -errno, "cannot open reuseport_bpf_prog %.200s (%s)",
				 "a relative path is relative to the daemon's working directory",
				 file, strerror(errno));

	err = check_file(fd, file, &elf->size, error);
	if (err)
		goto out;

	elf->owned = malloc(elf->size);
	if (!elf->owned) {
		err = pmr_error(error, -ENOMEM, "out of memory while reading %s",
				"add memory, or raise the memory limit", file);
		goto out;
	}
	err = read_all(fd, elf->owned, elf->size);
	if (err) {
		pmr_error(error, err, "cannot read reuseport_bpf_prog %.200s (%s)",
			  "check its file system for errors", file, strerror(-err));
		pmr_elf_free(elf);
		goto out;
	}
	elf->bytes = elf->owned;
out:
	close(fd);
	return err;
}

void pmr_elf_free(struct pmr_elf *elf)
{
	free(elf->owned);
	elf->owned = NULL;
}
