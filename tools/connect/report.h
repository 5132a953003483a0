/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CONNECT_REPORT_H
#define CONNECT_REPORT_H

#include "connect.h"

/* Returns the exit status. */
int report_result(const struct run *run);

#endif
