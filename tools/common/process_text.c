/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process_text.h"

#include <stdio.h>

const char *process_text(const struct pmreuseport_process *process, char text[PROCESS_TEXT_SIZE])
{
	snprintf(text, PROCESS_TEXT_SIZE, "process %d (%s)%s", (int)process->pid, process->comm,
		 process->elsewhere ? " of another pid namespace" : "");
	return text;
}

void process_print_pid(pid_t pid, bool hidden)
{
	if (pid)
		printf(" %8d", (int)pid);
	else
		printf(" %8s", hidden ? "?" : "-");
}
