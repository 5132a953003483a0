/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "balance/report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

bool balance_is_unpinned(const struct balance_report *shown, const struct balance_move *move)
{
	return shown->load.homes[move->exporter].unpinned == move->to;
}

static double total_of(const struct balance_report *shown)
{
	double total = 0;
	unsigned int b;

	for (b = 0; b < PMR_MAX_BUCKETS; b++)
		total += (double)shown->plan.before[b];
	return total;
}

static double rate_of(uint64_t load)
{
	return (double)load / BALANCE_UNIT;
}

/* "198.51.100.7/32" */
static const char *prefix_of(const struct balance_report *shown, size_t exporter,
			     char text[PMR_PIN_TEXT])
{
	const struct pmr_source *source = &shown->load.rates[exporter].source;
	const struct pmr_pin pin = {.source = *source, .length = source->ipv6 ? 128 : 32};

	return pmr_pin_text(&pin, text);
}

/* Of the exporter that has more than the target for itself. */
static const char *alone_of(const struct balance_report *shown, char text[PMR_PIN_TEXT])
{
	prefix_of(shown, shown->plan.alone, text);
	*strchr(text, '/') = '\0';
	return text;
}

static unsigned int open_of(const struct balance_report *shown)
{
	unsigned int open = 0, b;

	for (b = 0; b < PMR_MAX_BUCKETS; b++)
		open += shown->load.open[b];
	return open;
}

void balance_shortfall(const struct balance_report *shown, struct pmreuseport_error *sentence)
{
	const struct balance_plan *plan = &shown->plan;
	char text[PMR_PIN_TEXT];

	if (plan->alone != SIZE_MAX)
		pmr_error(sentence, 0,
			  "the target of %.2f cannot be reached, because %s alone sends %.2f times "
			  "the mean of the buckets",
			  "with what is proposed here it is %.2f", shown->target,
			  alone_of(shown, text),
			  (double)shown->load.exporters[plan->alone].load * open_of(shown) /
				  total_of(shown),
			  plan->max_mean_after);
	else if (plan->minimal)
		pmr_error(sentence, 0,
			  "the target of %.2f cannot be reached with so few moves of exporters "
			  "that "
			  "no pin of a network holds, the best is %.2f",
			  "give a higher --target or "
			  "--max-pins",
			  shown->target, plan->max_mean_after);
	else
		pmr_error(sentence, 0, "no way to the target of %.2f was found, the best is %.2f",
			  "give a higher "
			  "--target or --max-pins",
			  shown->target, plan->max_mean_after);
}

static const char *change_of(const struct balance_report *shown, const struct balance_move *move)
{
	if (balance_is_unpinned(shown, move))
		return "removed";
	return shown->load.homes[move->exporter].pinned ? "changed" : "new";
}

static void print_moves(const struct balance_report *shown)
{
	const double total = total_of(shown);
	char text[PMR_PIN_TEXT];
	size_t i;

	printf("\n%-43s %6s %6s %12s %6s PIN\n", "EXPORTER", "FROM", "TO",
	       shown->by_bytes ? "BYTES/S" : "PACKETS/S", "SHARE");
	for (i = 0; i < shown->plan.n; i++) {
		const struct balance_move *move = &shown->plan.moves[i];
		const uint64_t load = shown->load.exporters[move->exporter].load;

		printf("%-43s %6u %6u %12.0f %5.1f%% %s\n", prefix_of(shown, move->exporter, text),
		       move->from, move->to, rate_of(load), 100 * (double)load / total,
		       change_of(shown, move));
	}
}

static void print_end(const struct balance_report *shown)
{
	const size_t n = shown->plan.n;
	struct pmreuseport_error sentence;

	if (!n)
		puts("no exporter is to be moved");
	else
		printf("%zu exporter%s %s%s\n", n, n == 1 ? "" : "s",
		       shown->dry_run ? "would be moved" : "moved",
		       shown->plan.minimal ? "" : "; a smaller set may do, too");
	/* What was done falls short of what was asked for is a failure, and told as one. */
	if (!shown->plan.reached && shown->dry_run) {
		balance_shortfall(shown, &sentence);
		printf("%s; %s\n", sentence.what, sentence.advice);
	}
	if (n && !shown->dry_run && shown->load.tcp)
		printf("move open sessions with: pmreuseport rehome -c %s\n", shown->cluster);
}

void balance_print(const struct balance_report *shown)
{
	const struct balance_plan *plan = &shown->plan;
	const double total = total_of(shown);
	unsigned int b;

	printf("cluster %s: %zu exporter%s in %u second%s", shown->cluster, shown->load.n,
	       shown->load.n == 1 ? "" : "s", shown->seconds, shown->seconds == 1 ? "" : "s");
	if (shown->load.nowhere)
		printf(", and %zu that reach no bucket now", shown->load.nowhere);
	if (shown->load.full)
		printf("; there is no room to count more");
	printf("\n%6s %12s %6s %12s %6s\n", "BUCKET", shown->by_bytes ? "BYTES/S" : "PACKETS/S",
	       "SHARE", "THEN", "SHARE");
	for (b = 0; b < PMR_MAX_BUCKETS; b++)
		if (shown->load.open[b])
			printf("%6u %12.0f %5.1f%% %12.0f %5.1f%%\n", b, rate_of(plan->before[b]),
			       100 * (double)plan->before[b] / total, rate_of(plan->after[b]),
			       100 * (double)plan->after[b] / total);
	printf("max/mean %.2f, then %.2f\n", plan->max_mean_before, plan->max_mean_after);
	if (plan->n)
		print_moves(shown);
	print_end(shown);
}

static json_t *bucket_json(const struct balance_report *shown, unsigned int b)
{
	const uint64_t before = shown->plan.before[b], after = shown->plan.after[b];
	const double total = total_of(shown);

	return json_pack("{s:i, s:{s:f, s:f}, s:{s:f, s:f}}", "bucket", (int)b, "before", "rate",
			 rate_of(before), "share", (double)before / total, "after", "rate",
			 rate_of(after), "share", (double)after / total);
}

static json_t *move_json(const struct balance_report *shown, const struct balance_move *move)
{
	const uint64_t load = shown->load.exporters[move->exporter].load;
	char text[PMR_PIN_TEXT];

	return json_pack("{s:s, s:i, s:i, s:f, s:f, s:s}", "prefix",
			 prefix_of(shown, move->exporter, text), "from", (int)move->from, "to",
			 (int)move->to, "rate", rate_of(load), "share",
			 (double)load / total_of(shown), "pin", change_of(shown, move));
}

json_t *balance_json(const struct balance_report *shown)
{
	const struct balance_plan *plan = &shown->plan;
	json_t *buckets = json_array(), *moves = json_array();
	char text[PMR_PIN_TEXT];
	unsigned int b;
	int bad = 0;
	size_t i;

	for (b = 0; b < PMR_MAX_BUCKETS; b++)
		if (shown->load.open[b])
			bad |= json_array_append_new(buckets, bucket_json(shown, b));
	for (i = 0; i < plan->n; i++)
		bad |= json_array_append_new(moves, move_json(shown, &plan->moves[i]));
	if (!bad)
		return json_pack("{s:s, s:b, s:i, s:s, s:I, s:b, s:I, s:f, s:f, s:f, s:b, s:b, "
				 "s:s?, "
				 "s:o, s:o}",
				 "cluster", shown->cluster, "dry_run", shown->dry_run, "seconds",
				 (int)shown->seconds, "by", shown->by_bytes ? "bytes" : "packets",
				 "exporters", (json_int_t)shown->load.n, "full", shown->load.full,
				 "nowhere", (json_int_t)shown->load.nowhere, "target",
				 shown->target, "before", plan->max_mean_before, "after",
				 plan->max_mean_after, "reached", plan->reached, "minimal",
				 plan->minimal, "alone",
				 plan->alone == SIZE_MAX ? NULL : alone_of(shown, text), "buckets",
				 buckets, "moves", moves);
	json_decref(buckets);
	json_decref(moves);
	return NULL;
}
