/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sockets of another user, who tries to open the port of a cluster. */
#ifndef PMR_TEST_FOREIGN_H
#define PMR_TEST_FOREIGN_H

#include <stdbool.h>

#include "instances.h"

#define STRANGER 1000

/* An address to bind PORT to, and how. */
struct place {
	int family;
	const char *address;
	bool v6only;
	const char *device;
};

/*
 * A bound (TCP: listening) socket of a user, with SO_REUSEPORT and, if reuse_addr, SO_REUSEADDR.
 * Negative errno: the kernel refused it.
 */
int open_as(uid_t uid, const struct place *place, int type, bool reuse_addr);

int reuse_addr_of(int fd);

/* Those that take packets from [::]. The first V4_ATTEMPTS also take packets from 0.0.0.0. */
#define ATTEMPTS 7
#define V4_ATTEMPTS 5

extern const struct place attempts[ATTEMPTS];

#endif /* PMR_TEST_FOREIGN_H */
