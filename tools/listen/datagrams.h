/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef LISTEN_DATAGRAMS_H
#define LISTEN_DATAGRAMS_H

#include "listen.h"

int datagrams_ready(struct listen *listen, struct watched *watched);

#endif
