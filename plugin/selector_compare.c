// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Is what is installed of the same version? Objects built in two directories differ in the
 * paths that they contain, so what counts is instructions and maps.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "libbpf_log.h"
#include "object.h"
#include "selector_compare.h"

static bool same_program(const struct bpf_object *a, const struct bpf_object *b)
{
	const struct bpf_program *p = bpf_object__find_program_by_name(a, PMR_SELECTOR);
	const struct bpf_program *q = bpf_object__find_program_by_name(b, PMR_SELECTOR);

	return p && q && bpf_program__insn_cnt(p) == bpf_program__insn_cnt(q) &&
	       !memcmp(bpf_program__insns(p), bpf_program__insns(q),
		       bpf_program__insn_cnt(p) * sizeof(struct bpf_insn));
}

/* All that a has, b has, too. */
static bool same_maps(const struct bpf_object *a, const struct bpf_object *b)
{
	const struct bpf_map *map, *other;

	bpf_object__for_each_map(map, a)
	{
		other = bpf_object__find_map_by_name(b, bpf_map__name(map));
		if (!other || bpf_map__type(map) != bpf_map__type(other) ||
		    bpf_map__key_size(map) != bpf_map__key_size(other) ||
		    bpf_map__value_size(map) != bpf_map__value_size(other) ||
		    bpf_map__max_entries(map) != bpf_map__max_entries(other))
			return false;
	}
	return true;
}

/* The size of a BPF object that begins here, or 0: its section headers are at its end. */
static size_t object_size(const char *bytes, size_t left)
{
	Elf64_Ehdr head;
	size_t size;

	if (left < sizeof(head))
		return 0;
	memcpy(&head, bytes, sizeof(head));
	if (memcmp(head.e_ident, ELFMAG, SELFMAG) || head.e_ident[EI_CLASS] != ELFCLASS64 ||
	    head.e_machine != EM_BPF || head.e_shoff > left)
		return 0;
	size = head.e_shoff + (size_t)head.e_shnum * head.e_shentsize;
	return size <= left ? size : 0;
}

static bool same_selector(const char *bytes, size_t size, const struct bpf_object *own)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "pmreuseport");
	struct bpf_object *object;
	struct pmr_log log;
	bool same;

	pmr_log_begin(&log);
	object = bpf_object__open_mem(bytes, size, &opts);
	pmr_log_end();
	same = object && same_program(object, own) && same_maps(object, own) &&
	       same_maps(own, object);
	bpf_object__close(object);
	return same;
}

static int search(const char *bytes, size_t left, const struct bpf_object *own)
{
	const char *found;
	size_t size;

	while ((found = memmem(bytes, left, ELFMAG, SELFMAG))) {
		left -= found - bytes;
		size = object_size(found, left);
		if (size && same_selector(found, size, own))
			return 1;
		bytes = found + SELFMAG;
		left -= SELFMAG;
	}
	return 0;
}

/* A whole file, to be unmapped, or NULL and *err. */
static void *map_file(const char *file, size_t *size, int *err)
{
	void *bytes = MAP_FAILED;
	struct stat st = {0};
	int fd;

	fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	*err = fd < 0 || fstat(fd, &st) ? -errno : 0;
	if (!*err && (!S_ISREG(st.st_mode) || !st.st_size))
		*err = -ENOEXEC;
	if (!*err) {
		*size = st.st_size;
		bytes = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		*err = bytes == MAP_FAILED ? -errno : 0;
	}
	if (fd >= 0)
		close(fd);
	return *err ? NULL : bytes;
}

int pmr_selector_compare(const char *file)
{
	struct pmr_object own = {0};
	size_t size = 0;
	void *bytes;
	int ret;

	bytes = map_file(file, &size, &ret);
	if (!bytes)
		return ret;
	ret = pmr_object_open(&own, NULL, false, NULL);
	if (!ret)
		ret = search(bytes, size, own.bpf);
	pmr_object_close(&own);
	munmap(bytes, size);
	return ret;
}
