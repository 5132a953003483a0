/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_HELP_H
#define TOOLS_HELP_H

#include <argp.h>

/* -h, --help and --usage, as the children of a parser with ARGP_NO_HELP: argp itself has no -h. */
extern const struct argp_child help_children[];

#endif
