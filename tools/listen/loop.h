/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef LISTEN_LOOP_H
#define LISTEN_LOOP_H

#include "listen.h"

int listen_watch(struct listen *listen, struct watched *watched);

/* Listens until a signal, the time, or the loss of the buckets. Returns the exit status. */
int listen_run(struct listen *listen);

#endif
