/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_DESCRIPTORS_H
#define TOOLS_DESCRIPTORS_H

#include <stdint.h>

/* Raises the limit of open files to 'need' and a few more. 0, or a negative errno after a message.
 */
int raise_descriptor_limit(uint64_t need);

#endif
