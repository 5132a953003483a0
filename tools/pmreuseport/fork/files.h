/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files of all instances, of which either all are made or none. */
#ifndef PMREUSEPORT_FORK_FILES_H
#define PMREUSEPORT_FORK_FILES_H

#include <signal.h>
#include <sys/stat.h>

#include "fork/render.h"

struct fork_file {
	char *path;	  /* with the directory */
	const char *name; /* without; part of path */
	char temporary[48];
	bool written;  /* the temporary file exists */
	bool in_place; /* under its final name */
	bool replaced; /* the temporary file is the old one now */
};

struct fork_files {
	const char *dir;
	int fd;
	bool made_dir;
	bool narrowed; /* the group of the template cannot read the files */
	struct fork_file *list;
	size_t n;
	sigset_t signals; /* blocked before */
};

/*
 * Writes temporary files, with the owner and mode of the template. Blocks signals that end
 * the process until fork_files_end(), which must be called in any case.
 */
int fork_files_write(struct fork_files *files, const char *dir, const char *name,
		     const struct fork_rendered *rendered, unsigned int count,
		     const struct stat *like, bool force, struct pmreuseport_error *error);

/* The first existing file of an instance beyond count, from an earlier run; 0: none. */
unsigned int fork_files_left(const struct fork_files *files, const char *name, unsigned int count);

/* Renames the temporary files to their final names. */
int fork_files_name(struct fork_files *files, bool force, struct pmreuseport_error *error);

/* Keeps the files, or restores what was there before. */
void fork_files_end(struct fork_files *files, bool keep);

#endif
