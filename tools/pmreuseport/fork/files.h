/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files of all instances, made all at once or not at all. */
#ifndef PMREUSEPORT_FORK_FILES_H
#define PMREUSEPORT_FORK_FILES_H

#include <signal.h>
#include <sys/stat.h>

#include "fork/render.h"

struct fork_file {
	char *path;	  /* with the directory */
	const char *name; /* without; part of path */
	char temporary[48];
	bool written;  /* the temporary is there */
	bool in_place; /* under its name */
	bool replaced; /* what was there is the temporary now */
};

struct fork_files {
	const char *dir;
	int fd;
	bool made_dir;
	bool narrowed; /* the group of the template cannot read them */
	struct fork_file *list;
	size_t n;
	sigset_t signals; /* that were blocked before */
};

/*
 * Writes temporaries, that whoever may read the template can read. Signals that end the
 * process wait from now on until fork_files_end(), which is to be called in any case.
 */
int fork_files_write(struct fork_files *files, const char *dir, const char *name,
		     const struct fork_rendered *rendered, unsigned int count,
		     const struct stat *like, bool force, struct pmreuseport_error *error);

/* The first file of an instance beyond count, left from another time; 0: there is none. */
unsigned int fork_files_left(const struct fork_files *files, const char *name, unsigned int count);

/* Gives them their names. */
int fork_files_name(struct fork_files *files, bool force, struct pmreuseport_error *error);

/* Keeps them, or puts everything back as it was. */
void fork_files_end(struct fork_files *files, bool keep);

#endif
