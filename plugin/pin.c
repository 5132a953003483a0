// SPDX-License-Identifier: GPL-2.0-or-later
/* Pins, in memory: exporters whose bucket an operator has chosen. */
#include <arpa/inet.h>
#include <netinet/in.h>
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

bool pmr_pin_is_single(const struct pmr_pin *pin)
{
	return pin->length == (pin->source.ipv6 ? 128 : 32);
}

_Static_assert(PMR_SOURCE_TEXT == INET6_ADDRSTRLEN, "room for both families");

const char *pmr_source_text(const struct pmr_source *source, char text[PMR_SOURCE_TEXT])
{
	return inet_ntop(source->ipv6 ? AF_INET6 : AF_INET, source->addr, text, PMR_SOURCE_TEXT);
}

const char *pmr_pin_text(const struct pmr_pin *pin, char text[PMR_PIN_TEXT])
{
	char address[PMR_SOURCE_TEXT];

	snprintf(text, PMR_PIN_TEXT, "%s/%u", pmr_source_text(&pin->source, address), pin->length);
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

/* How many bits of two addresses are equal, from the first one on. */
static unsigned int common_bits(const struct pmr_source *left, const struct pmr_source *right)
{
	unsigned int word;

	for (word = 0; word < 4; word++)
		if (left->addr[word] != right->addr[word])
			return 32 * word +
			       __builtin_clz(ntohl(left->addr[word] ^ right->addr[word]));
	return 128;
}

static void clear_after(struct pmr_source *source, unsigned int bits)
{
	unsigned int word;

	for (word = bits / 32; word < 4; word++)
		source->addr[word] &=
			word == bits / 32 && bits % 32 ? htonl(~0u << (32 - bits % 32)) : 0;
}

/* How many pins of the list come before a key, or are equal to it. */
static size_t rank(const struct pmr_pins *pins, size_t end, const struct pmr_pin *key)
{
	size_t first = 0;

	while (first < end) {
		const size_t middle = first + (end - first) / 2;

		if (pmr_pins_compare(&pins->list[middle], key) <= 0)
			first = middle + 1;
		else
			end = middle;
	}
	return first;
}

/*
 * In the list, a prefix comes before all that it holds. So the pin to be found is at or before
 * the address, and what lies between the two is in the pin, too. If the last one at or before
 * the address does not hold it, the pin to be found has no more bits than both have in common:
 * continue before a prefix of so many bits. Each step has fewer.
 */
const struct pmr_pin *pmr_pins_find(const struct pmr_pins *pins, const struct pmr_source *source)
{
	struct pmr_pin key = {.source = *source, .length = source->ipv6 ? 128 : 32};
	const struct pmr_pin *pin;
	size_t n = pins->n;

	while ((n = rank(pins, n, &key))) {
		pin = &pins->list[n - 1];
		if (holds(pin, source))
			return pin;
		if (pin->source.ipv6 != source->ipv6)
			return NULL;
		key.length = common_bits(&pin->source, source);
		clear_after(&key.source, key.length);
	}
	return NULL;
}
