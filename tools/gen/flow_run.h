/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GEN_FLOW_RUN_H
#define GEN_FLOW_RUN_H

#include "exporter.h"

/* Runs the command; 0, or a negative errno after a message. */
int flow_run(const struct flow_options *opt);

#endif
