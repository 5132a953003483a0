/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files that the daemon opens again and again, from memory: system calls would take most of
 * the time. All other files are those of the machine.
 */
#ifndef FUZZ_FILES_H
#define FUZZ_FILES_H

#include <stddef.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/types.h>

/* The path of a file whose contents are a part of the input. */
#define FILES_INPUT "/dev/fuzz"

/* What the daemon reads from that file from now on. */
void files_set_input(const void *data, size_t len);

/* The one stream of /dev/null. */
FILE *files_null(void);

FILE *fuzz_fopen(const char *path, const char *mode);
int fuzz_fclose(FILE *file);
int fuzz_stat(const char *path, struct stat *status);
int fuzz_access(const char *path, int mode);
int fuzz_chown(const char *path, uid_t owner, gid_t group);

#endif /* FUZZ_FILES_H */
