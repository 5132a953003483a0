/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command "where": which bucket exporters have, or would have. */
#include "commands.h"
#include "common/decimal.h"
#include "common/process_text.h"
#include "common/report.h"
#include "options.h"
#include "view/endpoints.h"
#include "view/exporters.h"
#include "view/placement.h"
#include "view/what_if.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options {
	const char *cluster;
	bool json;
	bool summary;
	struct exporters exporters;
	const char *file;
	struct what_if what_if;
};

static int add_address(void *options, const char *text, struct pmreuseport_error *error)
{
	struct options *opt = options;

	return exporters_add(&opt->exporters, text, error);
}

static int add_down(void *options, const char *text, struct pmreuseport_error *error)
{
	struct options *opt = options;
	uint64_t bucket;

	if (!decimal(text, PMR_MAX_BUCKETS - 1, &bucket))
		return pmr_error(error, -EINVAL, "--down '%s' is out of bounds",
				 "give a number from 0 to %d", text, PMR_MAX_BUCKETS - 1);
	opt->what_if.down[bucket] = true;
	opt->what_if.any_down = true;
	return 0;
}

static int check(void *options, struct pmreuseport_error *error)
{
	const struct options *opt = options;

	if (opt->exporters.n || opt->file)
		return 0;
	return pmr_error(error, -EINVAL, "ADDRESS is missing",
			 "give addresses, or a file of them with --file");
}

static const struct parameter arguments[] = {
	{.name = "ADDRESS", .kind = VALUE_CALL, .call = add_address, .many = true},
	{0},
};

static const struct parameter options[] = {
	{.name = "file",
	 .letter = 'f',
	 .value = "FILE",
	 .help = "Read addresses from FILE, one per line (-: standard input)",
	 .kind = VALUE_TEXT,
	 FIELD(struct options, file)},
	{.name = "count",
	 .value = "N",
	 .help = "Show also where they would be with N hash buckets",
	 .kind = VALUE_NUMBER,
	 .min = 1,
	 .max = PMR_MAX_BUCKETS,
	 FIELD(struct options, what_if.count)},
	{.name = "down",
	 .value = "BUCKET",
	 .help = "Show also where they would be if BUCKET were dead; may be repeated",
	 .kind = VALUE_CALL,
	 .call = add_down},
	{.name = "summary", .help = "Leave single exporters out", FIELD(struct options, summary)},
	OPTION_CLUSTER_READ(struct options),
	OPTION_JSON(struct options),
	{0},
};

static const struct command_line grammar = {
	.options = options,
	.arguments = arguments,
	.usage = "ADDRESS...\n--file=FILE",
	.summary = "Show which hash bucket each exporter has, for each endpoint of a cluster, and "
		   "how evenly exporters are spread.",
	.details = "The answer comes from the maps by which the kernel decides, so the exporters "
		   "need not have sent anything yet. --count and --down can be combined; added and "
		   "awaited buckets then count as live. Private endpoints, which only one bucket "
		   "has, are left out.",
	.example = "pmreuseport where 198.51.100.7 2001:db8::7 --down=2",
	.check = check,
	.advise = options_advise,
};

static bool asks_what_if(const struct options *opt)
{
	return opt->what_if.count || opt->what_if.any_down;
}

/* One endpoint, as it is and as it would be. */
struct answer {
	const struct options *opt;
	const struct endpoint *endpoint;
	struct pmr_view then;
	struct spread spread_now, spread_then;
	size_t moved;
	bool hidden; /* a row has a process in a pid namespace that cannot be seen */
};

/* The pid of the process that gets it now; 0: unknown, or none. */
static pid_t pid_of(const struct answer *answer, const struct pmr_place *now)
{
	return placement_is_bucket(now) ? answer->endpoint->pid[now->bucket] : 0;
}

/* True if it is unknown because the process is in another pid namespace. */
static bool is_hidden(const struct answer *answer, const struct pmr_place *now)
{
	return placement_is_bucket(now) && answer->endpoint->hidden[now->bucket];
}

static void print_row(const struct answer *answer, const struct exporter *exporter,
		      const struct pmr_place *now, const struct pmr_place *then)
{
	printf("%-39s", exporter_text(exporter));
	placement_print(now);
	process_print_pid(pid_of(answer, now), is_hidden(answer, now));
	if (asks_what_if(answer->opt))
		placement_print(then);
	putchar('\n');
}

static int add_row(json_t *rows, const struct answer *answer, const struct exporter *exporter,
		   const struct pmr_place *now, const struct pmr_place *then)
{
	const pid_t pid = pid_of(answer, now);
	json_t *row = json_pack("{s:s, s:s}", "address", exporter_text(exporter), "endpoint",
				answer->endpoint->name);
	int bad = json_object_update_new(row, placement_json(now));

	bad |= json_object_set_new(row, "pid", pid ? json_integer(pid) : json_null());
	bad |= json_object_set_new(row, "other_pid_namespace",
				   pid || is_hidden(answer, now) ? json_boolean(!pid)
								 : json_null());
	if (asks_what_if(answer->opt))
		bad |= json_object_set_new(row, "then", placement_json(then));
	return json_array_append_new(rows, row) | bad;
}

/* rows: NULL to print text. */
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
		answer->hidden |= is_hidden(answer, &now);
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
	if (answer->hidden)
		printf(PROCESS_HIDDEN_NOTE);
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
		if (endpoints->list[i].view.private_to)
			continue;
		memset(answer, 0, sizeof(*answer));
		answer->opt = opt;
		answer->endpoint = &endpoints->list[i];
		answer->then = answer->endpoint->view;
		what_if_apply(&opt->what_if, &answer->then);
		if (opt->json)
			bad |= add_endpoint(answer, rows, summary);
		else
			print_endpoint(answer);
	}
	if (opt->json && !bad)
		return report_json(json_pack("{s:s, s:o, s:o}", "cluster", opt->cluster,
					     "exporters", rows, "summary", summary));
	json_decref(rows);
	json_decref(summary);
	return bad ? report_json(NULL) : report_done();
}

int command_where(int argc, char **argv)
{
	char only[PMREUSEPORT_CLUSTER_NAME_MAX + 1];
	struct options opt = {0};
	struct answer *answer = malloc(sizeof(*answer)); /* too large for the stack */
	struct pmreuseport_error error = {0};
	struct endpoints endpoints = {0};
	int ret = 0;

	command_line_parse(&grammar, argc, argv, &opt);
	opt.cluster = options_choose_cluster(opt.cluster, only);
	if (!answer)
		ret = pmr_error(&error, -ENOMEM, "out of memory for an answer",
				"add memory, or raise the memory limit");
	if (!ret && opt.file)
		ret = exporters_read(&opt.exporters, opt.file, &error);
	if (!ret)
		ret = endpoints_read(&endpoints, opt.cluster, &error);
	if (!ret)
		ret = what_if_check(&opt.what_if, &endpoints.list[0].view, &error);
	ret = ret ? report_failure(&error) : answer_all(&opt, &endpoints, answer);
	endpoints_free(&endpoints);
	exporters_free(&opt.exporters);
	free(answer);
	return ret;
}
