// SPDX-License-Identifier: GPL-2.0-or-later
/* The slot table: exact balance, least movement, and a hash that spreads. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "slots.h"

static pmr_slot_t table[PMR_SLOTS], next[PMR_SLOTS];

static void test_every_count_is_balanced_to_one_slot(void **state)
{
	(void)state;
	for (unsigned int n = 1; n <= PMR_MAX_BUCKETS; n++) {
		unsigned int held[PMR_MAX_BUCKETS] = {0};

		pmr_slots_fill(table, n);
		for (unsigned int s = 0; s < PMR_SLOTS; s++) {
			assert_in_range(table[s], 1, n);
			held[table[s] - 1]++;
		}
		for (unsigned int b = 0; b < n; b++)
			assert_in_range(held[b], PMR_SLOTS / n, (PMR_SLOTS + n - 1) / n);
	}
}

static void test_growth_moves_slots_to_the_new_bucket_only(void **state)
{
	(void)state;
	for (unsigned int n = 1; n < PMR_MAX_BUCKETS; n++) {
		unsigned int moved = 0;

		pmr_slots_fill(table, n);
		pmr_slots_fill(next, n + 1);
		for (unsigned int s = 0; s < PMR_SLOTS; s++) {
			if (table[s] == next[s])
				continue;
			assert_int_equal(next[s], n + 1);
			moved++;
		}
		assert_int_equal(moved, PMR_SLOTS / (n + 1));
	}
}

static void test_same_count_gives_same_table(void **state)
{
	(void)state;
	pmr_slots_fill(table, 128);
	pmr_slots_fill(table, 7);
	memset(next, 0xff, sizeof(next));
	pmr_slots_fill(next, 7);
	assert_memory_equal(table, next, sizeof(table));
}

/* Worst bucket over the mean for addresses as a network has them: in a row. */
static double imbalance(unsigned int buckets, unsigned int exporters, __u32 nonce, int family)
{
	unsigned int held[PMR_MAX_BUCKETS] = {0}, worst = 0;

	pmr_slots_fill(table, buckets);
	for (unsigned int i = 0; i < exporters; i++) {
		__u32 v4 = htonl(0x0a000000 + i);
		__u32 v6[4] = {htonl(0x20010db8), 0, 0, htonl(i)};
		__u32 hash = family == 4 ? pmr_hash(&v4, 1, nonce) : pmr_hash(v6, 4, nonce);

		held[table[pmr_slot(hash)] - 1]++;
	}
	for (unsigned int b = 0; b < buckets; b++)
		worst = held[b] > worst ? held[b] : worst;
	return (double)worst * buckets / exporters;
}

static void test_consecutive_addresses_spread(void **state)
{
	static const __u32 nonces[] = {1, 12345, 0x80000000, 0xffffffff};

	(void)state;
	for (size_t i = 0; i < sizeof(nonces) / sizeof(nonces[0]); i++) {
		for (int family = 4; family <= 6; family += 2) {
			/* 5 sigma of a binomial spread are 1.08, 1.14 and 1.30 */
			assert_true(imbalance(4, 10000, nonces[i], family) < 1.09);
			assert_true(imbalance(16, 16000, nonces[i], family) < 1.16);
			assert_true(imbalance(128, 32000, nonces[i], family) < 1.32);
		}
	}
}

static void test_nonce_and_every_word_matter(void **state)
{
	__u32 words[4] = {1, 2, 3, 4};
	__u32 hash = pmr_hash(words, 4, 1);

	(void)state;
	assert_int_not_equal(hash, pmr_hash(words, 4, 2));
	for (int i = 0; i < 4; i++) {
		words[i]++;
		assert_int_not_equal(hash, pmr_hash(words, 4, 1));
		words[i]--;
	}
}

/* A table on disk or in a running kernel must not change meaning unnoticed. */
static void test_hash_is_what_it_was(void **state)
{
	__u32 v4 = htonl(0xc0000207);

	(void)state;
	if (htonl(1) == 1)
		skip(); /* the words are taken as they stand in memory */
	assert_int_equal(pmr_hash(&v4, 1, 12345), 0x84a93813);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_count_is_balanced_to_one_slot),
		cmocka_unit_test(test_growth_moves_slots_to_the_new_bucket_only),
		cmocka_unit_test(test_same_count_gives_same_table),
		cmocka_unit_test(test_consecutive_addresses_spread),
		cmocka_unit_test(test_nonce_and_every_word_matter),
		cmocka_unit_test(test_hash_is_what_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
