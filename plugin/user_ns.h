/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Capabilities that the kernel does not accept for bpf(). */
#ifndef PMR_USER_NS_H
#define PMR_USER_NS_H

#include <stdbool.h>

/* True if this process is in a user namespace, such as that of a rootless container. */
bool pmr_in_user_ns(void);

/* What to do if the kernel refuses bpf() with EPERM. */
const char *pmr_bpf_advice(void);

#endif /* PMR_USER_NS_H */
