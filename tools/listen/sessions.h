/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef LISTEN_SESSIONS_H
#define LISTEN_SESSIONS_H

#include "listen.h"

int sessions_accept(struct listen *listen, struct watched *watched);
void sessions_close(struct listen *listen);

#endif
