/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_DESCRIPTORS_H
#define TOOLS_DESCRIPTORS_H

#include <stdint.h>

/* Let the process have 'need' descriptors and a few more; says on stderr if it cannot. */
int raise_descriptor_limit(uint64_t need);

#endif
