/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The program of a reuseport group. */
#ifndef PMR_SELECTOR_ATTACH_H
#define PMR_SELECTOR_ATTACH_H

#include "pmreuseport.h"

/* Attaches a program to the group of a socket, in the place of the one that it has. */
int pmr_selector_attach(int fd, int prog_fd, struct pmreuseport_error *error);

/* The same with the pinned program of an endpoint. With the lock held. */
int pmr_selector_attach_pinned(int fd, const char *endpoint_path, struct pmreuseport_error *error);

#endif /* PMR_SELECTOR_ATTACH_H */
