/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The result: text, or one line of JSON. */
#include "report.h"

#include "common/report.h"

#include <err.h>
#include <inttypes.h>
#include <stdio.h>

static uint64_t asked(const struct run *run)
{
	return run->opt.udp ? (uint64_t)run->n_links * run->opt.datagrams : run->n_links;
}

/* Of what seems to have reached a process. */
static uint64_t without_answer(const struct run *run)
{
	const struct counts *count = &run->count;
	const uint64_t there =
		run->opt.udp ? count->sent -
				       (count->refused < count->sent ? count->refused : count->sent)
			     : count->opened;

	return there > count->answered ? there - count->answered : 0;
}

static const char *items(const struct run *run, uint64_t n)
{
	if (run->opt.udp)
		return n == 1 ? "datagram" : "datagrams";
	return n == 1 ? "connection" : "connections";
}

static json_t *got_json(const struct run *run, const struct answers_of *of)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < of->n; i++)
		json_array_append_new(list, json_pack("{s:s, s:I}", "answer",
						      run->answers.list[of->got[i].answer].text,
						      "count", (json_int_t)of->got[i].count));
	return list;
}

static json_t *by_source_json(const struct run *run)
{
	json_t *list = json_array();
	char text[INET6_ADDRSTRLEN];
	size_t i;

	for (i = 0; i < run->sources.count; i++) {
		const struct ip_addr *source = &run->sources.list[i];

		json_array_append_new(list,
				      json_pack("{s:s?, s:o}", "address",
						source->family ? ip_format(source, text) : NULL,
						"answers",
						got_json(run, &run->answers.by_source[i])));
	}
	return list;
}

static json_t *answers_json(const struct answers *answers)
{
	json_t *list = json_array();
	uint32_t i;

	for (i = 0; i < answers->n; i++)
		json_array_append_new(list,
				      json_pack("{s:s, s:i, s:I}", "answer", answers->list[i].text,
						"sources", (int)answers->list[i].sources, "count",
						(json_int_t)answers->list[i].count));
	return list;
}

static int print_json(const struct run *run)
{
	const struct counts *count = &run->count;

	return report_json(json_pack(
		"{s:s, s:i, s:s, s:i, s:i, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:i, s:I, s:o, "
		"s:o}",
		"target", run->opt.address, "port", run->opt.port, "protocol",
		run->opt.udp ? "udp" : "tcp", "sources", (int)run->sources.count, "connections",
		(int)run->n_links, "opened", (json_int_t)count->opened, "closed",
		(json_int_t)count->closed, "timed_out", (json_int_t)count->timed_out, "sent",
		(json_int_t)count->sent, "refused", (json_int_t)count->refused, "failed",
		(json_int_t)count->failed, "answered", (json_int_t)count->answered, "no_answer",
		(json_int_t)without_answer(run), "split", (int)run->answers.split, "other_answers",
		(json_int_t)run->answers.others, "answers", answers_json(&run->answers),
		"by_source", by_source_json(run)));
}

static void print_sources(const struct run *run)
{
	char text[INET6_ADDRSTRLEN];
	size_t i, k;

	printf("%-39s %8s  %s\n", "SOURCE", "ANSWERS", "ANSWER");
	for (i = 0; i < run->sources.count; i++) {
		const struct answers_of *of = &run->answers.by_source[i];

		ip_format(&run->sources.list[i], text);
		for (k = 0; k < of->n; k++)
			printf("%-39s %8" PRIu64 "  %s\n", text, of->got[k].count,
			       run->answers.list[of->got[k].answer].text);
		if (!of->n)
			printf("%-39s %8d  -\n", text, 0);
	}
}

static int print_words(const struct run *run)
{
	const struct answers *answers = &run->answers;
	const struct counts *count = &run->count;
	uint32_t i;

	if (run->opt.verbose)
		print_sources(run);
	if (answers->n)
		printf("%8s %8s  %s\n", "SOURCES", "ANSWERS", "ANSWER");
	for (i = 0; i < answers->n; i++)
		printf("%8" PRIu32 " %8" PRIu64 "  %s\n", answers->list[i].sources,
		       answers->list[i].count, answers->list[i].text);
	if (answers->others)
		printf("%8s %8" PRIu64 "  (others)\n", "", answers->others);
	printf("%" PRIu64 " %s from %zu source%s: ", asked(run), items(run, asked(run)),
	       run->sources.count, run->sources.count == 1 ? "" : "s");
	if (run->opt.udp)
		printf("%" PRIu64 " sent, ", count->sent);
	else
		printf("%" PRIu64 " opened, %" PRIu64 " closed, %" PRIu64 " timed out, ",
		       count->opened, count->closed, count->timed_out);
	printf("%" PRIu64 " refused, %" PRIu64 " failed, %" PRIu64 " answered, %" PRIu64
	       " without an answer\n",
	       count->refused, count->failed, count->answered, without_answer(run));
	if (answers->split)
		printf("%" PRIu32 " source%s got different answers\n", answers->split,
		       answers->split == 1 ? "" : "s");
	return report_done();
}

int report_result(const struct run *run)
{
	const struct counts *count = &run->count;
	const uint64_t there = run->opt.udp ? count->sent : count->opened;
	const bool answered = run->opt.no_answer || !without_answer(run);

	if (run->opt.json ? print_json(run) : print_words(run))
		return 1;
	if (run->interrupted)
		warnx("interrupted after %" PRIu64 " of %" PRIu64 " %s", there, asked(run),
		      items(run, asked(run)));
	if (count->failed)
		warnx("%" PRIu64 " %s failed, the first for this reason: %s; use sources that have "
		      "a route to the target",
		      count->failed, items(run, count->failed), run->first_failure);
	if (count->refused || count->timed_out)
		warnx("of %" PRIu64 " %s %" PRIu64 " were %s, %" PRIu64 " refused, %" PRIu64
		      " timed out; check that a process listens on that port and accepts them",
		      asked(run), items(run, asked(run)), there, run->opt.udp ? "sent" : "opened",
		      count->refused, count->timed_out);
	if (!answered)
		warnx("%" PRIu64 " %s got no answer; with a server that has none to give, say "
		      "--no-answer",
		      without_answer(run), items(run, without_answer(run)));
	return run->interrupted || count->failed || count->refused || there < asked(run) ||
	       !answered;
}
