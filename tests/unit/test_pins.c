// SPDX-License-Identifier: GPL-2.0-or-later
/* The pin of an address: the longest prefix that holds it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <netinet/in.h>

#include "pin.h"

#define MOST 200
#define TURNS 2000

static bool bit(const struct pmr_source *source, unsigned int n)
{
	return ((const unsigned char *)source->addr)[n / 8] >> (7 - n % 8) & 1;
}

static const struct pmr_pin *longest(const struct pmr_pins *pins, const struct pmr_source *source)
{
	const struct pmr_pin *found = NULL;
	unsigned int n;

	for (size_t i = 0; i < pins->n; i++) {
		const struct pmr_pin *pin = &pins->list[i];

		if (pin->source.ipv6 != source->ipv6)
			continue;
		for (n = 0; n < pin->length && bit(&pin->source, n) == bit(source, n); n++)
			;
		if (n == pin->length && (!found || pin->length > found->length))
			found = pin;
	}
	return found;
}

/* Few values of each byte, so that prefixes hold one another. */
static struct pmr_source any_source(void)
{
	struct pmr_source source = {.ipv6 = rand() % 2};
	unsigned char *bytes = (void *)source.addr;

	for (unsigned int i = 0; i < (source.ipv6 ? 16 : 4); i++)
		bytes[i] = rand() % 8 ? 0x80 * (rand() % 2) : rand();
	return source;
}

static struct pmr_pin any_pin(void)
{
	struct pmr_pin pin = {.source = any_source()};
	unsigned char *bytes = (void *)pin.source.addr;

	pin.length = rand() % (pin.source.ipv6 ? 129 : 33);
	for (unsigned int n = pin.length; n < 128; n++)
		bytes[n / 8] &= ~(0x80 >> n % 8);
	return pin;
}

static void test_the_longest_prefix_wins(void **state)
{
	unsigned int found = 0;

	(void)state;
	srand(1);
	for (unsigned int turn = 0; turn < TURNS; turn++) {
		struct pmr_pin list[MOST];
		struct pmr_pins pins = {.list = list, .n = rand() % MOST};

		for (size_t i = 0; i < pins.n; i++)
			list[i] = any_pin();
		pmr_pins_sort(&pins);
		for (unsigned int i = 0; i < 50; i++) {
			const struct pmr_source source = any_source();
			const struct pmr_pin *got = pmr_pins_find(&pins, &source);
			const struct pmr_pin *expected = longest(&pins, &source);

			assert_int_equal(!got, !expected);
			if (!got)
				continue;
			assert_int_equal(pmr_pins_compare(got, expected), 0);
			found++;
		}
	}
	assert_in_range(found, TURNS, TURNS * 50 - TURNS);
}

static void test_no_pins(void **state)
{
	const struct pmr_source source = {.addr = {htonl(INADDR_LOOPBACK)}};

	(void)state;
	assert_null(pmr_pins_find(&(struct pmr_pins){0}, &source));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_longest_prefix_wins),
		cmocka_unit_test(test_no_pins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
