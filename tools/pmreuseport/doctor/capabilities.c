/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor/capabilities.h"

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

bool has_capability(unsigned int capability)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};

	return !syscall(SYS_capget, &header, data) &&
	       data[capability / 32].effective & 1u << capability % 32;
}

bool may_load_bpf(void)
{
	return has_capability(CAP_BPF) || has_capability(CAP_SYS_ADMIN);
}

#define LACKED_BY_ROOT(name) \
	"add CAP_" name ", which root lacks here (for a container: --cap-add " name ")"

const char *ptrace_advice(void)
{
	if (has_capability(CAP_SYS_PTRACE))
		return "run this in the user namespace of that process, such as on the host";
	return geteuid() ? "run as root with CAP_SYS_PTRACE" : LACKED_BY_ROOT("SYS_PTRACE");
}

const char *net_admin_advice(void)
{
	if (has_capability(CAP_NET_ADMIN))
		return "run this on the host, or in the user namespace that the network namespace "
		       "belongs to";
	return geteuid() ? "run as root or with CAP_NET_ADMIN" : LACKED_BY_ROOT("NET_ADMIN");
}
