/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pins, in memory: exporters whose bucket an operator has chosen. */
#ifndef PMR_PIN_H
#define PMR_PIN_H

#include <stdbool.h>
#include <stddef.h>

#include "reuseport.h"

/* Room for an address. */
#define PMR_SOURCE_TEXT 46

/* "198.51.100.7"; returns text. */
const char *pmr_source_text(const struct pmr_source *source, char text[PMR_SOURCE_TEXT]);

struct pmr_pin {
	struct pmr_source source; /* the bits after the prefix are 0 */
	unsigned int length;	  /* of the prefix: 0..32 or 0..128 */
	unsigned int bucket;	  /* or PMR_PIN_DROP */
};

/* Whether the prefix is one address. */
bool pmr_pin_is_single(const struct pmr_pin *pin);

/* Room for an address, "/", and its length. */
#define PMR_PIN_TEXT 56

/* "198.51.100.0/24"; returns text. */
const char *pmr_pin_text(const struct pmr_pin *pin, char text[PMR_PIN_TEXT]);

struct pmr_pins {
	struct pmr_pin *list; /* in the order of their addresses; to be freed */
	size_t n;
};

/* From struct in_addr or in6_addr, by family. An IPv4-mapped address is an IPv4 one. */
struct pmr_source pmr_source_of(int family, const void *address);

/* The pin with the longest prefix that holds the address, or NULL. */
const struct pmr_pin *pmr_pins_find(const struct pmr_pins *pins, const struct pmr_source *source);

/* Of two struct pmr_pin, the prefix that comes first; 0: they are the same. */
int pmr_pins_compare(const void *left, const void *right);

void pmr_pins_sort(struct pmr_pins *pins);

#endif /* PMR_PIN_H */
