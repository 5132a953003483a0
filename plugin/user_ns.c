// SPDX-License-Identifier: GPL-2.0-or-later
/* The kernel asks for CAP_BPF in the initial user namespace (kernel/bpf/syscall.c). */
#include <sys/stat.h>

#include "user_ns.h"

/* Of the initial one: PROC_USER_INIT_INO of the kernel, which is the same since Linux 3.8. */
#define INITIAL_INODE 0xEFFFFFFDU

bool pmr_in_user_ns(void)
{
	struct stat st;

	return !stat("/proc/self/ns/user", &st) && st.st_ino != INITIAL_INODE;
}

const char *pmr_bpf_advice(void)
{
	return pmr_in_user_ns()
		       ? "capabilities in a user namespace, such as that of a rootless container, "
			 "do not count for bpf(): run outside of it, as root or with CAP_BPF"
		       : "run as root or with CAP_BPF";
}
