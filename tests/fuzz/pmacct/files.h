/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files that the daemon opens again and again, from memory: system calls would take most of
 * the time. All other files are those of the machine.
 */
#ifndef FUZZ_FILES_H
#define FUZZ_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/types.h>

/* The path of a file whose contents are a part of the input. */
#define FILES_INPUT "/dev/fuzz"

/*
 * What the daemon reads from that file from now on: the front of an input, after two bytes with
 * its length (the low one first). Moves *data and *size behind it. False: the input is too short.
 */
bool files_take_input(const uint8_t **data, size_t *size);

/* The one stream of /dev/null. */
FILE *files_null(void);

FILE *fuzz_fopen(const char *path, const char *mode);
int fuzz_fclose(FILE *file);
int fuzz_stat(const char *path, struct stat *status);
int fuzz_access(const char *path, int mode);
int fuzz_chown(const char *path, uid_t owner, gid_t group);

#endif /* FUZZ_FILES_H */
