/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "balance/report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

bool balance_is_unpinned(const struct balance_report *report, const struct balance_move *move)
{
	return report->load.homes[move->exporter].unpinned == move->to;
}

static double total_of(const struct balance_report *report)
{
	double total = 0;
	unsigned int b;

	for (b = 0; b < PMR_MAX_BUCKETS; b++)
		total += (double)report->plan.before[b];
	return total;
}

static double rate_of(uint64_t load)
{
	return (double)load / BALANCE_UNIT;
}

/* "198.51.100.7/32" */
static const char *prefix_of(const struct balance_report *report, size_t exporter,
			     char text[PMR_PIN_TEXT])
{
	const struct pmr_source *source = &report->load.rates[exporter].source;
	const struct pmr_pin pin = {.source = *source, .length = source->ipv6 ? 128 : 32};

	return pmr_pin_text(&pin, text);
}

/* The address of the exporter that alone exceeds the target. */
static const char *alone_of(const struct balance_report *report, char text[PMR_PIN_TEXT])
{
	prefix_of(report, report->plan.alone, text);
	*strchr(text, '/') = '\0';
	return text;
}

static unsigned int open_of(const struct balance_report *report)
{
	unsigned int open = 0, b;

	for (b = 0; b < PMR_MAX_BUCKETS; b++)
		open += report->load.open[b];
	return open;
}

void balance_shortfall(const struct balance_report *report, struct pmreuseport_error *error)
{
	const struct balance_plan *plan = &report->plan;
	char text[PMR_PIN_TEXT];

	if (plan->alone != SIZE_MAX)
		pmr_error(error, 0,
			  "the target of %.2f cannot be reached, because %s alone sends %.2f times "
			  "the mean of the buckets",
			  "the proposed pins reach %.2f", report->target, alone_of(report, text),
			  (double)report->load.exporters[plan->alone].load * open_of(report) /
				  total_of(report),
			  plan->max_mean_after);
	else if (plan->minimal)
		pmr_error(error, 0,
			  "the target of %.2f cannot be reached with so few moves of exporters "
			  "that no pin of a network holds, the best is %.2f",
			  "give a higher --target or --max-pins", report->target,
			  plan->max_mean_after);
	else
		pmr_error(error, 0, "no way to the target of %.2f was found, the best is %.2f",
			  "give a higher --target or --max-pins", report->target,
			  plan->max_mean_after);
}

static const char *change_of(const struct balance_report *report, const struct balance_move *move)
{
	if (balance_is_unpinned(report, move))
		return "removed";
	return report->load.homes[move->exporter].pinned ? "changed" : "new";
}

static void print_moves(const struct balance_report *report)
{
	const double total = total_of(report);
	char text[PMR_PIN_TEXT];
	size_t i;

	printf("\n%-43s %6s %6s %12s %6s PIN\n", "EXPORTER", "FROM", "TO",
	       report->by_bytes ? "BYTES/S" : "PACKETS/S", "SHARE");
	for (i = 0; i < report->plan.n; i++) {
		const struct balance_move *move = &report->plan.moves[i];
		const uint64_t load = report->load.exporters[move->exporter].load;

		printf("%-43s %6u %6u %12.0f %5.1f%% %s\n", prefix_of(report, move->exporter, text),
		       move->from, move->to, rate_of(load), 100 * (double)load / total,
		       change_of(report, move));
	}
}

static void print_end(const struct balance_report *report)
{
	const size_t n = report->plan.n;
	struct pmreuseport_error error;

	if (!n)
		puts("no exporter is to be moved");
	else
		printf("%zu exporter%s %s%s\n", n, n == 1 ? "" : "s",
		       report->dry_run ? "would be moved" : "moved",
		       report->plan.minimal ? "" : "; a smaller set may do, too");
	/* Without --dry-run, a missed target is a failure, printed on standard error. */
	if (!report->plan.reached && report->dry_run) {
		balance_shortfall(report, &error);
		printf("%s; %s\n", error.what, error.advice);
	}
	if (n && !report->dry_run && report->load.tcp)
		printf("move open sessions with: pmreuseport rehome -c %s\n", report->cluster);
}

void balance_print(const struct balance_report *report)
{
	const struct balance_plan *plan = &report->plan;
	const double total = total_of(report);
	unsigned int b;

	printf("cluster %s: %zu exporter%s in %u second%s", report->cluster, report->load.n,
	       report->load.n == 1 ? "" : "s", report->seconds, report->seconds == 1 ? "" : "s");
	if (report->load.nowhere)
		printf(", and %zu that reach no bucket now", report->load.nowhere);
	if (report->load.full)
		printf("; more send than can be counted");
	printf("\n%6s %12s %6s %12s %6s\n", "BUCKET", report->by_bytes ? "BYTES/S" : "PACKETS/S",
	       "SHARE", "THEN", "SHARE");
	for (b = 0; b < PMR_MAX_BUCKETS; b++)
		if (report->load.open[b])
			printf("%6u %12.0f %5.1f%% %12.0f %5.1f%%\n", b, rate_of(plan->before[b]),
			       100 * (double)plan->before[b] / total, rate_of(plan->after[b]),
			       100 * (double)plan->after[b] / total);
	printf("max/mean %.2f, then %.2f\n", plan->max_mean_before, plan->max_mean_after);
	if (plan->n)
		print_moves(report);
	print_end(report);
}

static json_t *bucket_json(const struct balance_report *report, unsigned int b)
{
	const uint64_t before = report->plan.before[b], after = report->plan.after[b];
	const double total = total_of(report);

	return json_pack("{s:i, s:{s:f, s:f}, s:{s:f, s:f}}", "bucket", (int)b, "before", "rate",
			 rate_of(before), "share", (double)before / total, "after", "rate",
			 rate_of(after), "share", (double)after / total);
}

static json_t *move_json(const struct balance_report *report, const struct balance_move *move)
{
	const uint64_t load = report->load.exporters[move->exporter].load;
	char text[PMR_PIN_TEXT];

	return json_pack("{s:s, s:i, s:i, s:f, s:f, s:s}", "prefix",
			 prefix_of(report, move->exporter, text), "from", (int)move->from, "to",
			 (int)move->to, "rate", rate_of(load), "share",
			 (double)load / total_of(report), "pin", change_of(report, move));
}

json_t *balance_json(const struct balance_report *report)
{
	const struct balance_plan *plan = &report->plan;
	json_t *buckets = json_array(), *moves = json_array();
	char text[PMR_PIN_TEXT];
	unsigned int b;
	int bad = 0;
	size_t i;

	for (b = 0; b < PMR_MAX_BUCKETS; b++)
		if (report->load.open[b])
			bad |= json_array_append_new(buckets, bucket_json(report, b));
	for (i = 0; i < plan->n; i++)
		bad |= json_array_append_new(moves, move_json(report, &plan->moves[i]));
	if (!bad)
		return json_pack("{s:s, s:b, s:i, s:s, s:I, s:b, s:I, s:f, s:f, s:f, s:b, s:b, "
				 "s:s?, "
				 "s:o, s:o}",
				 "cluster", report->cluster, "dry_run", report->dry_run, "seconds",
				 (int)report->seconds, "by", report->by_bytes ? "bytes" : "packets",
				 "counted", (json_int_t)report->load.n, "full", report->load.full,
				 "nowhere", (json_int_t)report->load.nowhere, "target",
				 report->target, "max_mean_before", plan->max_mean_before,
				 "max_mean_after", plan->max_mean_after, "reached", plan->reached,
				 "minimal", plan->minimal, "alone",
				 plan->alone == SIZE_MAX ? NULL : alone_of(report, text), "buckets",
				 buckets, "moves", moves);
	json_decref(buckets);
	json_decref(moves);
	return NULL;
}
