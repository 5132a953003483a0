/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMR_PROCESS_NAME_H
#define PMR_PROCESS_NAME_H

#include <stddef.h>
#include <sys/types.h>

/* Of a process, which may call itself what it likes, and a terminal might obey. */
void pmr_clean_name(char *name, size_t size);

/* The name of a process from /proc, cleaned; "?" if there is none. */
void pmr_process_name(pid_t pid, char *name, size_t size);

#endif /* PMR_PROCESS_NAME_H */
