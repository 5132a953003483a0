/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A process in a table and in a sentence; says if its pid is of another pid namespace. */
#ifndef TOOLS_PROCESS_TEXT_H
#define TOOLS_PROCESS_TEXT_H

#include <stdbool.h>
#include <sys/types.h>

#include "pmreuseport.h"

#define PROCESS_TEXT_SIZE 80

/* Writes "process 17 (nfacctd)" into text, and returns it. */
const char *process_text(const struct pmreuseport_process *process, char text[PROCESS_TEXT_SIZE]);

/* Prints a pid into a column of 9 characters; pid 0: unknown, or none. */
void process_print_pid(pid_t pid, bool elsewhere);

/* Explains the mark that process_print_pid() prints after the pid. */
#define PROCESS_ELSEWHERE_NOTE "* pid in another pid namespace\n"

#endif
