/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The exporters seen so far, and over which protocol. */
#ifndef LISTEN_EXPORTERS_H
#define LISTEN_EXPORTERS_H

#include "common/ip_addr.h"

#include <stdbool.h>
#include <stdint.h>

/* The default of --remember: about 100 bytes each. */
#define EXPORTERS_DEFAULT 65536u

struct exporters {
	void *root; /* of tsearch(3) */
	uint32_t n;
	uint32_t max;
};

enum seen {
	SEEN_BEFORE,
	SEEN_NEW,
	SEEN_TOO_MANY, /* or out of memory: unknown */
};

enum seen exporters_note(struct exporters *exporters, const struct ip_addr *address, bool tcp);

void exporters_free(struct exporters *exporters);

#endif
