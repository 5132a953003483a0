/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMREUSEPORT_DOCTOR_CAPABILITIES_H
#define PMREUSEPORT_DOCTOR_CAPABILITIES_H

#include <stdbool.h>

/* Whether this process has a capability, by its number, in its effective set. */
bool has_capability(unsigned int capability);

/* CAP_BPF, or CAP_SYS_ADMIN, which kernels before Linux 5.8 require. */
bool may_load_bpf(void);

/* What to do if this process may not look at another one. */
const char *ptrace_advice(void);

/* What to do if this process may not close the connections of others. */
const char *net_admin_advice(void);

#endif
