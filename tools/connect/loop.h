/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CONNECT_LOOP_H
#define CONNECT_LOOP_H

#include "connect.h"

/* Returns the exit status. */
int connect_run(struct run *run);

#endif
