/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the bytes of an object come from. */
#ifndef PMR_OBJECT_FILE_H
#define PMR_OBJECT_FILE_H

#include <stddef.h>

#include "pmreuseport.h"

/* The bytes of an ELF object. */
struct pmr_elf {
	const void *bytes;
	size_t size;
	void *owned; /* to be freed; NULL for the built-in object */
};

/*
 * Reads a file into memory, or points to the built-in object if file is NULL. It
 * must be a regular file that only root and this user can write to.
 */
int pmr_elf_read(struct pmr_elf *elf, const char *file, struct pmreuseport_error *error);

void pmr_elf_free(struct pmr_elf *elf);

#endif /* PMR_OBJECT_FILE_H */
