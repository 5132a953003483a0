// SPDX-License-Identifier: GPL-2.0-or-later
/* The plan of "balance": the fewest moves, compared with an exhaustive search, and the same each
 * time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "balance/plan.h"

#define MANY 20000
#define MOST PMR_MAX_EXPORTERS

static struct balance_exporter exporters[MOST];
static struct balance_problem problem;
static struct balance_plan plan;

/* Numbers that are the same on every machine. */
static uint64_t seed;

static unsigned int some(unsigned int below)
{
	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return (seed >> 33) % below;
}

static int setup(void **state)
{
	(void)state;
	seed = 1;
	memset(exporters, 0, sizeof(exporters));
	problem = (struct balance_problem){.exporters = exporters, .target = 1.2, .max_moves = 64};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	free(plan.moves);
	plan.moves = NULL;
	return 0;
}

static void open_buckets(unsigned int n)
{
	for (unsigned int b = 0; b < n; b++)
		problem.open[b] = problem.takes[b] = true;
}

static void add(unsigned int bucket, uint64_t load)
{
	exporters[problem.n++] = (struct balance_exporter){.load = load, .bucket = bucket};
}

/* The report agrees with the plan, and the plan with its limits. */
static void check_plan(void)
{
	uint64_t load[PMR_MAX_BUCKETS] = {0}, total = 0, max = 0;
	unsigned int open = 0;

	for (size_t i = 0; i < problem.n; i++)
		load[exporters[i].bucket] += exporters[i].load;
	assert_memory_equal(load, plan.before, sizeof(load));
	assert_true(plan.n <= problem.max_moves);
	for (size_t i = 0; i < plan.n; i++) {
		const struct balance_move *move = &plan.moves[i];
		const struct balance_exporter *e = &exporters[move->exporter];

		assert_true(move->exporter < problem.n);
		assert_true(!i || plan.moves[i - 1].exporter < move->exporter);
		assert_false(e->fixed);
		assert_int_equal(e->bucket, move->from);
		assert_int_not_equal(move->from, move->to);
		assert_true(problem.takes[move->to]);
		load[move->from] -= e->load;
		load[move->to] += e->load;
	}
	assert_memory_equal(load, plan.after, sizeof(load));
	for (unsigned int b = 0; b < PMR_MAX_BUCKETS; b++) {
		open += problem.open[b];
		total += load[b];
		max = load[b] > max ? load[b] : max;
	}
	if (total) {
		assert_true(plan.max_mean_after == (double)max * open / (double)total);
		assert_true(plan.reached == (plan.max_mean_after <= problem.target));
	}
	assert_true(plan.max_mean_after <= plan.max_mean_before);
}

static void make_plan(void)
{
	free(plan.moves);
	assert_int_equal(balance_plan(&problem, &plan), 0);
	check_plan();
}

/* The best of all distributions: the fewest moves that reach the target, else the most even. */
struct best {
	bool reached;
	size_t moves;
	uint64_t max;
};

static bool is_better(const struct best *a, const struct best *b)
{
	if (a->reached != b->reached)
		return a->reached;
	if (!a->reached && a->max != b->max)
		return a->max < b->max;
	return a->moves < b->moves;
}

static void try_all(unsigned int buckets, size_t i, unsigned int at[], struct best *best)
{
	uint64_t load[PMR_MAX_BUCKETS] = {0}, total = 0;
	struct best this = {0};

	if (i < problem.n) {
		for (unsigned int b = 0; b < buckets; b++) {
			at[i] = b;
			if (b == exporters[i].bucket || (!exporters[i].fixed && problem.takes[b]))
				try_all(buckets, i + 1, at, best);
		}
		return;
	}
	for (i = 0; i < problem.n; i++) {
		load[at[i]] += exporters[i].load;
		total += exporters[i].load;
		this.moves += at[i] != exporters[i].bucket;
	}
	for (unsigned int b = 0; b < buckets; b++)
		this.max = load[b] > this.max ? load[b] : this.max;
	this.reached = this.max <= (uint64_t)(problem.target * (double)total / buckets);
	if (this.moves <= problem.max_moves && is_better(&this, best))
		*best = this;
}

static void compare_with_all(unsigned int buckets)
{
	struct best best = {.max = UINT64_MAX};
	unsigned int at[8];
	uint64_t max = 0;

	try_all(buckets, 0, at, &best);
	make_plan();
	assert_true(plan.minimal);
	assert_int_equal(plan.reached, best.reached);
	assert_int_equal(plan.n, best.moves);
	for (unsigned int b = 0; b < buckets; b++)
		max = plan.after[b] > max ? plan.after[b] : max;
	if (!best.reached)
		assert_int_equal(max, best.max);
}

static void random_problem(unsigned int buckets, unsigned int most)
{
	const unsigned int n = 1 + some(7), heavy = 1 + some(30);

	problem.n = 0;
	for (unsigned int i = 0; i < n; i++)
		add(some(2) ? 0 : some(buckets), some(4) ? some(6) : some(heavy));
	problem.target = 1 + some(60) / 100.0;
	problem.max_moves = 1 + some(most);
}

static void test_the_smallest_of_all_plans(void **state)
{
	unsigned int with_moves = 0, short_of_it = 0;

	(void)state;
	open_buckets(3);
	for (int i = 0; i < 4000; i++) {
		random_problem(3, 7);
		compare_with_all(3);
		with_moves += plan.n > 1;
		short_of_it += !plan.reached;
	}
	/* Otherwise nothing would have been tried. */
	assert_in_range(with_moves, 400, 4000);
	assert_in_range(short_of_it, 400, 3600);
}

static void test_the_smallest_with_exporters_and_buckets_that_are_left_alone(void **state)
{
	(void)state;
	open_buckets(3);
	for (int i = 0; i < 4000; i++) {
		random_problem(3, 4);
		for (size_t e = 0; e < problem.n; e++)
			exporters[e].fixed = !some(4);
		for (unsigned int b = 0; b < 3; b++)
			problem.takes[b] = some(4);
		compare_with_all(3);
	}
}

static void test_one_move_may_make_room_for_another(void **state)
{
	(void)state;
	open_buckets(2);
	problem.target = 1.0;
	add(0, 7);
	add(0, 6);
	add(1, 4);
	add(1, 3);
	/* 13 and 7: to 10 and 10 the only way is to swap 7 for 4, or 6 for 3. */
	make_plan();
	assert_true(plan.reached && plan.minimal);
	assert_int_equal(plan.n, 2);
	assert_int_equal(plan.after[0], 10);
}

static void test_the_first_of_two_alike(void **state)
{
	(void)state;
	open_buckets(4);
	for (int i = 0; i < 8; i++)
		add(2, 5);
	make_plan();
	assert_true(plan.reached && plan.minimal);
	assert_int_equal(plan.n, 6);
	for (size_t i = 0; i < plan.n; i++)
		assert_int_equal(plan.moves[i].exporter, i);
}

static void many(unsigned int buckets, unsigned int light)
{
	open_buckets(buckets);
	while (problem.n < MANY - 5)
		add(some(buckets), 1 + some(light));
}

static void test_the_same_each_time(void **state)
{
	struct balance_plan first;

	(void)state;
	many(16, 1000);
	for (int i = 0; i < 5; i++)
		add(3, 150000);
	make_plan();
	first = plan;
	plan.moves = NULL;
	make_plan();
	assert_true(plan.n > 0);
	assert_int_equal(plan.n, first.n);
	assert_memory_equal(plan.moves, first.moves, plan.n * sizeof(*plan.moves));
	assert_int_equal(plan.minimal, first.minimal);
	free(first.moves);
}

static double seconds_of_plan(void)
{
	const clock_t before = clock(); /* CPU time of this process */

	make_plan();
	return (double)(clock() - before) / CLOCKS_PER_SEC;
}

static void test_twenty_thousand_exporters(void **state)
{
	(void)state;
	many(16, 1000);
	/* A bucket has 625000 of the light ones. */
	for (int i = 0; i < 5; i++)
		add(3, 150000);
	assert_true(seconds_of_plan() < 2);
	assert_true(plan.reached && plan.minimal);
	assert_int_equal(plan.n, 4);
	for (size_t i = 0; i < plan.n; i++)
		assert_true(plan.moves[i].exporter >= MANY - 5);
}

static void test_twenty_thousand_on_all_buckets(void **state)
{
	(void)state;
	/* 156 exporters a bucket, each another weight: some will always be above. */
	many(PMR_MAX_BUCKETS, 100000);
	problem.target = 1.001;
	assert_true(seconds_of_plan() < 2);
	problem.target = 1.05;
	assert_true(seconds_of_plan() < 2);
	problem.max_moves = MANY;
	assert_true(seconds_of_plan() < 2);
	assert_true(plan.reached);
	assert_true(plan.n > 64);
}

/* Many moves, each of an exporter that is as heavy as those moved before. */
static void test_as_many_moves_as_there_are_pins(void **state)
{
	(void)state;
	open_buckets(PMR_MAX_BUCKETS);
	for (unsigned int i = 0; i < MOST; i++)
		add(0, 1000);
	problem.max_moves = PMR_MAX_PINS;
	assert_true(seconds_of_plan() < 1);
	assert_false(plan.reached);
	assert_int_equal(plan.n, PMR_MAX_PINS);
}

/* Problems too large for an exhaustive search. */
static void test_too_many_ways(void **state)
{
	(void)state;
	open_buckets(8);
	for (unsigned int i = 0; i < 60; i++)
		add(i % 4, 1000 + some(1000));
	problem.target = 1.0001;
	assert_true(seconds_of_plan() < 2);
	assert_true(plan.max_mean_before > 1.9);
	assert_true(plan.max_mean_after < 1.1);
	assert_false(plan.minimal);
}

static void test_more_moves_than_are_searched_for(void **state)
{
	(void)state;
	open_buckets(3);
	problem.max_moves = 1000;
	add(0, 500);
	for (int i = 0; i < 500; i++)
		add(0, 1);
	add(1, 300);
	add(2, 300);
	exporters[501].fixed = exporters[502].fixed = true;
	/* Mean 533: the heavy one fits nowhere else. */
	make_plan();
	assert_true(plan.reached);
	assert_int_equal(plan.n, 360);
	/* For all that is known, it might have been the heavy one. */
	assert_false(plan.minimal);

	/* The bucket that no move helps is known without a search. */
	problem.n = 0;
	problem.open[2] = problem.takes[2] = false;
	for (int i = 0; i < 3; i++) {
		add(0, 100);
		exporters[i].fixed = true;
	}
	for (int i = 0; i < 200; i++)
		add(0, 1);
	problem.target = 1.1;
	make_plan();
	assert_false(plan.reached);
	assert_true(plan.minimal);
	assert_int_equal(plan.n, 200);

	/* And so is the mean, which need not be a number of theirs. */
	memset(exporters, 0, sizeof(exporters));
	problem.n = 0;
	for (int i = 0; i < 201; i++)
		add(0, 1);
	problem.target = 1;
	make_plan();
	assert_true(plan.minimal);
	assert_int_equal(plan.n, 100);
}

static void test_the_most_even_of_as_many_moves(void **state)
{
	(void)state;
	open_buckets(2);
	problem.target = 1.5;
	add(0, 8);
	add(0, 12);
	add(0, 20);
	add(1, 10);
	/* The heaviest would do, and leave 20 and 30. */
	make_plan();
	assert_int_equal(plan.n, 1);
	assert_int_equal(plan.after[0], 28);
}

static void test_more_moves_than_allowed(void **state)
{
	(void)state;
	open_buckets(2);
	for (int i = 0; i < 1000; i++)
		add(0, 10);
	problem.max_moves = 100;
	make_plan();
	assert_false(plan.reached);
	assert_int_equal(plan.n, 100);
	assert_int_equal(plan.after[1], 1000);
	problem.max_moves = 1000;
	make_plan();
	assert_true(plan.reached && plan.minimal);
	assert_int_equal(plan.n, 400);
}

static void test_one_exporter_alone_is_above(void **state)
{
	(void)state;
	open_buckets(3);
	add(0, 1);
	add(0, 100);
	add(0, 20);
	add(1, 5);
	/* Mean 42: the best is that it is alone in its bucket. */
	make_plan();
	assert_false(plan.reached);
	assert_true(plan.minimal);
	assert_int_equal(plan.alone, 1);
	assert_int_equal(plan.n, 1);
	assert_int_equal(plan.moves[0].exporter, 1);
	assert_int_equal(plan.after[2], 100);

	/* Then there is nothing to be done. */
	exporters[1].bucket = 2;
	make_plan();
	assert_false(plan.reached);
	assert_int_equal(plan.n, 0);
}

static void test_what_is_fixed_is_above(void **state)
{
	(void)state;
	open_buckets(2);
	for (int i = 0; i < 4; i++)
		add(0, 10);
	for (int i = 0; i < 3; i++)
		exporters[i].fixed = true;
	make_plan();
	assert_false(plan.reached);
	assert_true(plan.minimal);
	assert_int_equal(plan.alone, SIZE_MAX);
	assert_int_equal(plan.n, 1);
	assert_int_equal(plan.after[0], 30);
}

static void nothing_to_do(double max_mean)
{
	make_plan();
	assert_int_equal(plan.n, 0);
	assert_true(plan.reached && plan.minimal);
	assert_true(plan.max_mean_before == max_mean);
	assert_int_equal(plan.alone, SIZE_MAX);
}

static void test_no_load(void **state)
{
	(void)state;
	open_buckets(3);
	nothing_to_do(0);
	add(1, 0);
	add(1, 0);
	nothing_to_do(0);
}

static void test_one_bucket(void **state)
{
	(void)state;
	open_buckets(1);
	add(0, 5);
	nothing_to_do(1);
	problem.target = 1;
	nothing_to_do(1);
}

static void test_all_drained(void **state)
{
	(void)state;
	nothing_to_do(0);
}

static void test_even_enough(void **state)
{
	(void)state;
	open_buckets(2);
	add(0, 6);
	add(1, 5);
	add(1, 1);
	nothing_to_do(1);
}

static void test_nobody_takes_any(void **state)
{
	(void)state;
	open_buckets(2);
	problem.takes[0] = problem.takes[1] = false;
	add(0, 5);
	add(0, 6);
	make_plan();
	assert_int_equal(plan.n, 0);
	assert_false(plan.reached);
	assert_true(plan.minimal);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_the_smallest_of_all_plans),
		TEST(test_the_smallest_with_exporters_and_buckets_that_are_left_alone),
		TEST(test_one_move_may_make_room_for_another),
		TEST(test_the_first_of_two_alike),
		TEST(test_the_same_each_time),
		TEST(test_twenty_thousand_exporters),
		TEST(test_twenty_thousand_on_all_buckets),
		TEST(test_as_many_moves_as_there_are_pins),
		TEST(test_too_many_ways),
		TEST(test_more_moves_than_are_searched_for),
		TEST(test_the_most_even_of_as_many_moves),
		TEST(test_more_moves_than_allowed),
		TEST(test_one_exporter_alone_is_above),
		TEST(test_what_is_fixed_is_above),
		TEST(test_no_load),
		TEST(test_one_bucket),
		TEST(test_all_drained),
		TEST(test_even_enough),
		TEST(test_nobody_takes_any),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
