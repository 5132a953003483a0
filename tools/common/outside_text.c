/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "outside_text.h"

#include <stddef.h>
#include <stdio.h>

const char *outside_text(unsigned int sockets, char text[OUTSIDE_TEXT_SIZE])
{
	if (!sockets)
		return NULL;
	snprintf(text, OUTSIDE_TEXT_SIZE, "%u other %s nothing until %s in a bucket, too", sockets,
		 sockets == 1 ? "socket on the same port gets" : "sockets on the same port get",
		 sockets == 1 ? "it is" : "they are");
	return text;
}
