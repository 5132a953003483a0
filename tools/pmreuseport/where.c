/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb "where": which bucket exporters have, or would have. */
#include "about.h"
#include "common/args_number.h"
#include "common/report.h"
#include "target.h"
#include "verbs.h"
#include "view/endpoints.h"
#include "view/exporters.h"
#include "view/placement.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	OPT_FILE = 'f',
	OPT_COUNT = OPT_OF_VERB,
	OPT_DOWN,
	OPT_SUMMARY,
};

struct options {
	struct about about;
	struct exporters exporters;
	const char *file;
	unsigned int count; /* 0: as it is */
	bool down[PMR_MAX_BUCKETS];
	bool any_down;
	bool summary;
};

static const struct argp_option options[] = {
	{"file", OPT_FILE, "FILE", 0,
	 "Read addresses from a file, one per line (-: standard input)", 1},
	{"count", OPT_COUNT, "N", 0, "Say also where they would be with N hash buckets", 2},
	{"down", OPT_DOWN, "INDEX", 0, "Say also where they would be if that bucket were dead", 2},
	{"summary", OPT_SUMMARY, NULL, 0, "Leave single exporters out", 3},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct pmreuseport_error error = {0};
	struct options *opt = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &opt->about;
		return 0;
	case OPT_FILE:
		opt->file = arg;
		return 0;
	case OPT_COUNT:
		opt->count = args_number(state, "--count", arg, 1, PMR_MAX_BUCKETS);
		return 0;
	case OPT_DOWN:
		opt->down[args_number(state, "--down", arg, 0, PMR_MAX_BUCKETS - 1)] = true;
		opt->any_down = true;
		return 0;
	case OPT_SUMMARY:
		opt->summary = true;
		return 0;
	case ARGP_KEY_ARG:
		if (exporters_add(&opt->exporters, arg, &error))
			argp_failure(state, ARGS_EXIT_USAGE, 0, "%s; %s", error.what, error.advice);
		return 0;
	case ARGP_KEY_END:
		if (!opt->exporters.n && !opt->file)
			argp_failure(state, ARGS_EXIT_USAGE, 0,
				     "there is no address; give some, or a file of them with "
				     "--file");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.children = about_only,
	.args_doc = "[ADDRESS...]",
	.doc = "Say which hash bucket each exporter has, for each endpoint of a cluster, and how "
	       "evenly they are spread."
	       "\vNothing is asked but the maps by which the kernel decides, so exporters need not "
	       "have sent anything yet. With --count and --down, which go together, it is also "
	       "said "
	       "where they would be then: buckets that are added, or awaited, count as live.",
};

static bool asks_what_if(const struct options *opt)
{
	return opt->count || opt->any_down;
}

/* One endpoint: what is, and what would be. */
struct answer {
	const struct options *opt;
	const struct endpoint *endpoint;
	struct pmr_view then;
	struct spread spread_now, spread_then;
	size_t moved;
};

static void suppose(struct pmr_view *view, const struct options *opt)
{
	unsigned int b;

	if (opt->count) {
		/* Those that are awaited now are not, then. */
		for (b = view_in_use(view); b < opt->count; b++)
			view->live[b] = true;
		for (b = opt->count; b < PMR_MAX_BUCKETS; b++)
			view->live[b] = false;
		view->buckets = opt->count;
		pmr_slots_fill(view->slots, opt->count);
	}
	for (b = 0; b < PMR_MAX_BUCKETS; b++)
		if (opt->down[b])
			view->live[b] = false;
}

/* Of who gets it now; 0: unknown, or nobody. */
static pid_t pid_of(const struct answer *answer, const struct pmr_place *now)
{
	return placement_is_bucket(now) ? answer->endpoint->pid[now->bucket] : 0;
}

static void print_row(const struct answer *answer, const struct exporter *exporter,
		      const struct pmr_place *now, const struct pmr_place *then)
{
	printf("%-39s", exporter_text(exporter));
	placement_print(now);
	if (pid_of(answer, now))
		printf(" %8d", (int)pid_of(answer, now));
	else
		printf(" %8s", "-");
	if (asks_what_if(answer->opt))
		placement_print(then);
	putchar('\n');
}

static int add_row(json_t *rows, const struct answer *answer, const struct exporter *exporter,
		   const struct pmr_place *now, const struct pmr_place *then)
{
	json_t *row = placement_json(now);
	int bad = json_object_set_new(row, "address", json_string(exporter_text(exporter)));

	bad |= json_object_set_new(row, "endpoint", json_string(answer->endpoint->name));
	if (pid_of(answer, now))
		bad |= json_object_set_new(row, "pid", json_integer(pid_of(answer, now)));
	if (asks_what_if(answer->opt))
		bad |= json_object_set_new(row, "then", placement_json(then));
	return json_array_append_new(rows, row) | bad;
}

/* rows: NULL for an answer in words. */
static int place_all(struct answer *answer, json_t *rows)
{
	const struct exporters *exporters = &answer->opt->exporters;
	struct pmr_place now, then;
	size_t i;
	int bad = 0;

	for (i = 0; i < exporters->n; i++) {
		const struct exporter *e = &exporters->list[i];

		now = pmr_view_place(&answer->endpoint->view, e->family, &e->address);
		then = pmr_view_place(&answer->then, e->family, &e->address);
		spread_add(&answer->spread_now, &now);
		spread_add(&answer->spread_then, &then);
		answer->moved += placement_is_bucket(&now) != placement_is_bucket(&then) ||
				 (placement_is_bucket(&now) && now.bucket != then.bucket);
		if (answer->opt->summary)
			continue;
		if (rows)
			bad |= add_row(rows, answer, e, &now, &then);
		else
			print_row(answer, e, &now, &then);
	}
	return bad;
}

static void print_spread(const struct spread *spread, const struct pmr_view *view)
{
	const unsigned int live = spread_live(view);

	printf("%u live bucket%s, max/mean %.2f", live, live == 1 ? "" : "s",
	       spread_max_mean(spread, view));
	if (spread->nowhere)
		printf(", %zu in none", spread->nowhere);
}

static void print_endpoint(struct answer *answer)
{
	const bool what_if = asks_what_if(answer->opt);
	const size_t n = answer->opt->exporters.n;

	printf("%s\n", answer->endpoint->name);
	if (!answer->opt->summary)
		printf("%-39s %8s %8s%s\n", "EXPORTER", "BUCKET", "PID",
		       what_if ? "     THEN" : "");
	place_all(answer, NULL);
	printf("%zu exporter%s: ", n, n == 1 ? "" : "s");
	print_spread(&answer->spread_now, &answer->endpoint->view);
	if (what_if) {
		printf("; then ");
		print_spread(&answer->spread_then, &answer->then);
		printf("; %zu move", answer->moved);
	}
	putchar('\n');
}

static int add_endpoint(struct answer *answer, json_t *rows, json_t *summary)
{
	json_t *sum;
	int bad = place_all(answer, rows);

	sum = spread_json(&answer->spread_now, &answer->endpoint->view);
	bad |= json_object_set_new(sum, "endpoint", json_string(answer->endpoint->name));
	if (asks_what_if(answer->opt)) {
		bad |= json_object_set_new(sum, "then",
					   spread_json(&answer->spread_then, &answer->then));
		bad |= json_object_set_new(sum, "moved", json_integer(answer->moved));
	}
	return json_array_append_new(summary, sum) | bad;
}

static int answer_all(const struct options *opt, const struct endpoints *endpoints,
		      struct answer *answer)
{
	json_t *rows = json_array(), *summary = json_array();
	int bad = 0;
	size_t i;

	for (i = 0; i < endpoints->n; i++) {
		memset(answer, 0, sizeof(*answer));
		answer->opt = opt;
		answer->endpoint = &endpoints->list[i];
		answer->then = answer->endpoint->view;
		suppose(&answer->then, opt);
		if (opt->about.json)
			bad |= add_endpoint(answer, rows, summary);
		else
			print_endpoint(answer);
	}
	if (opt->about.json && !bad)
		return report_json(json_pack("{s:s, s:o, s:o}", "cluster", opt->about.cluster,
					     "exporters", rows, "summary", summary));
	json_decref(rows);
	json_decref(summary);
	return bad ? report_json(NULL) : report_done();
}

static int check_down(const struct options *opt, const struct endpoints *endpoints,
		      struct pmreuseport_error *error)
{
	const unsigned int count = opt->count ? opt->count : endpoints->list[0].view.buckets;
	unsigned int b;

	for (b = count; b < PMR_MAX_BUCKETS; b++)
		if (opt->down[b])
			return pmr_error(error, -EINVAL,
					 "there is no hash bucket %u among %u, counted from 0",
					 "give "
					 "another one to --down",
					 b, count);
	return 0;
}

int verb_where(int argc, char **argv)
{
	struct options opt = {.about.cluster = PMREUSEPORT_DEFAULT_CLUSTER};
	struct answer *answer = malloc(sizeof(*answer)); /* too large for the stack */
	struct pmreuseport_error error = {0};
	struct endpoints endpoints = {0};
	int ret = 0;

	if (argp_parse(&argp, argc, argv, 0, NULL, &opt))
		return ARGS_EXIT_USAGE;
	if (!answer)
		ret = pmr_error(&error, -ENOMEM, "out of memory for an answer",
				"free some memory, or raise the limit");
	if (!ret && opt.file)
		ret = exporters_read(&opt.exporters, opt.file, &error);
	if (!ret)
		ret = endpoints_read(&endpoints, opt.about.cluster, &error);
	if (!ret)
		ret = check_down(&opt, &endpoints, &error);
	ret = ret ? report_failure(&error) : answer_all(&opt, &endpoints, answer);
	endpoints_free(&endpoints);
	exporters_free(&opt.exporters);
	free(answer);
	return ret;
}
