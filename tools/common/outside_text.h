/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What pmreuseport_outside() means, in words. */
#ifndef TOOLS_OUTSIDE_TEXT_H
#define TOOLS_OUTSIDE_TEXT_H

#define OUTSIDE_TEXT_SIZE 96

/* NULL: there are no such sockets. */
const char *outside_text(unsigned int sockets, char text[OUTSIDE_TEXT_SIZE]);

#endif
