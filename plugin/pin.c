// SPDX-License-Identifier: GPL-2.0-or-later
/* Pins, in memory: exporters whose bucket an operator has chosen. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pin.h"

struct pmr_source pmr_source_of(int family, const void *address)
{
	struct pmr_source source = {.ipv6 = family == AF_INET6};

	memcpy(source.addr, address, source.ipv6 ? 16 : 4);
	if (source.ipv6 && IN6_IS_ADDR_V4MAPPED((const struct in6_addr *)source.addr))
		source = (struct pmr_source){.addr = {source.addr[3]}};
	return source;
}

const char *pmr_pin_text(const struct pmr_pin *pin, char text[PMR_PIN_TEXT])
{
	char address[INET6_ADDRSTRLEN];

	inet_ntop(pin->source.ipv6 ? AF_INET6 : AF_INET, pin->source.addr, address,
		  sizeof(address));
	snprintf(text, PMR_PIN_TEXT, "%s/%u", address, pin->length);
	return text;
}

int pmr_pins_compare(const void *left, const void *right)
{
	const struct pmr_pin *a = left, *b = right;
	int order = (int)a->source.ipv6 - (int)b->source.ipv6;

	if (!order)
		order = memcmp(a->source.addr, b->source.addr, sizeof(a->source.addr));
	return order ? order : (int)a->length - (int)b->length;
}

void pmr_pins_sort(struct pmr_pins *pins)
{
	if (pins->n)
		qsort(pins->list, pins->n, sizeof(*pins->list), pmr_pins_compare);
}

static bool holds(const struct pmr_pin *pin, const struct pmr_source *source)
{
	const unsigned char *a = (const void *)pin->source.addr, *b = (const void *)source->addr;
	const unsigned int bytes = pin->length / 8, bits = pin->length % 8;

	return pin->source.ipv6 == source->ipv6 && !memcmp(a, b, bytes) &&
	       (!bits || (a[bytes] ^ b[bytes]) >> (8 - bits) == 0);
}

const struct pmr_pin *pmr_pins_find(const struct pmr_pins *pins, const struct pmr_source *source)
{
	const struct pmr_pin *longest = NULL;
	size_t i;

	for (i = 0; i < pins->n; i++)
		if (holds(&pins->list[i], source) &&
		    (!longest || pins->list[i].length > longest->length))
			longest = &pins->list[i];
	return longest;
}
