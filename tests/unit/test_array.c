// SPDX-License-Identifier: GPL-2.0-or-later
/* The growing array. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/array.h"

struct element {
	uint64_t number;
	char letter;
};

static void test_elements_stay_in_order(void **state)
{
	struct element *list = NULL, *added;
	size_t n = 0, i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		added = array_add(&list, &n);
		assert_non_null(added);
		assert_int_equal(n, i + 1);
		assert_ptr_equal(added, &list[i]);
		*added = (struct element){.number = i, .letter = 'a' + i % 26};
	}
	for (i = 0; i < n; i++) {
		assert_int_equal(list[i].number, i);
		assert_int_equal(list[i].letter, 'a' + i % 26);
	}
	free(list);
}

/* Also where one was removed, and in memory that was in use before. */
static void test_new_elements_are_zero(void **state)
{
	uint32_t *list = NULL, *added;
	size_t n = 0, i;

	(void)state;
	for (i = 0; i < 5; i++)
		*(uint32_t *)array_add(&list, &n) = UINT32_MAX;
	n = 3;
	for (i = 0; i < 40; i++) {
		added = array_add(&list, &n);
		assert_non_null(added);
		assert_int_equal(*added, 0);
		*added = UINT32_MAX;
	}
	free(list);
}

/* A count at which twice the room has no size_t, or the bytes of it have none. */
static void test_overflow_is_refused(void **state)
{
	const size_t full[] = {SIZE_MAX / 2 + 1, SIZE_MAX / 4 + 1, SIZE_MAX / 8 + 1};
	struct element one, *list = &one;
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(full) / sizeof(full[0]); i++) {
		n = full[i];
		assert_null(array_add(&list, &n));
		assert_int_equal(n, full[i]);
		assert_ptr_equal(list, &one);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_elements_stay_in_order),
		cmocka_unit_test(test_new_elements_are_zero),
		cmocka_unit_test(test_overflow_is_refused),
	};

	return cmocka_run_group_tests_name("array", tests, NULL, NULL);
}
