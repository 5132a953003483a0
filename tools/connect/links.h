/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CONNECT_LINKS_H
#define CONNECT_LINKS_H

#include "connect.h"

/* Each returns 0, or a negative errno after a message: the program cannot go on. */

/* Does what a link has to do next: connect, or send a datagram. 1: not possible now. */
int link_start(struct run *run, struct link *link);
int link_ready(struct run *run, struct link *link, uint32_t events);

/* Starts nothing more; so fewer answers are expected. */
void links_cut(struct run *run);

/* Gives up waiting for answers. */
int links_finish(struct run *run);

#endif
