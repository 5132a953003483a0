/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef LISTEN_MEMBERSHIP_H
#define LISTEN_MEMBERSHIP_H

#include "listen.h"

/* Joins with all ports, or with none: 0, or a negative errno after a message. */
int members_join(struct listen *listen);

/*
 * To be called once a second. False: all ports have lost their buckets. A port whose bucket
 * was taken over goes back to it once the other process is gone.
 */
bool members_held(struct listen *listen);

/* 0, or a negative errno after a message for each port that could not leave. */
int members_leave(struct listen *listen);

#endif
