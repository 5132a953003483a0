/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A process in a table and in a sentence. */
#ifndef TOOLS_PROCESS_TEXT_H
#define TOOLS_PROCESS_TEXT_H

#include <stdbool.h>
#include <sys/types.h>

#include "pmreuseport.h"

#define PROCESS_TEXT_SIZE 80

/* Writes "process 17 (nfacctd)" into text, and returns it. */
const char *process_text(const struct pmreuseport_process *process, char text[PROCESS_TEXT_SIZE]);

/*
 * Prints a pid into a column of 9 characters. pid 0: none, or unknown; hidden: it is unknown
 * because the process is in another pid namespace.
 */
void process_print_pid(pid_t pid, bool hidden);

/* Explains the mark that process_print_pid() prints for a hidden process. */
#define PROCESS_HIDDEN_NOTE                                                               \
	"? the process is in a pid namespace that cannot be seen from here; run this on " \
	"the host, as root\n"

#endif
