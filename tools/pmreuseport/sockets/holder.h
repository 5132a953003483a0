/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which process has a socket open, by the links in /proc/PID/fd. */
#ifndef PMREUSEPORT_SOCKETS_HOLDER_H
#define PMREUSEPORT_SOCKETS_HOLDER_H

#include <stdint.h>

#include "operator.h"

/* The first one; pid 0: none that this user may look at. */
struct pmreuseport_process holder_of(uint32_t inode);

#endif
