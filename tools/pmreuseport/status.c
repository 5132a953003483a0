/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb "status": who is in the buckets of a cluster, and what they get. */
#include "about.h"
#include "common/args_number.h"
#include "common/pacer.h"
#include "common/report.h"
#include "verbs.h"
#include "view/clusters.h"

#include <stdio.h>
#include <unistd.h>

enum { OPT_WATCH = 'w', MAX_SECONDS = 3600 };

struct options {
	struct about about; /* of no cluster: of all */
	unsigned int watch; /* seconds; 0: once */
};

static const struct argp_option options[] = {
	{"watch", OPT_WATCH, "SECONDS", OPTION_ARG_OPTIONAL,
	 "Again and again, every second or every so many (up to 3600), with rates", 1},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *opt = state->input;

	switch (key) {
	case OPT_WATCH:
		opt->watch = arg ? args_number(state, "--watch", arg, 1, MAX_SECONDS) : 1;
		return 0;
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &opt->about;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.children = about_only,
	.args_doc = "[CLUSTER]",
	.doc = "Show the hash buckets of a cluster, or of all clusters: who is there, and what "
	       "they were given."
	       "\vA bucket is \"live\" if it has a socket; \"dead\" if not, so its exporters are "
	       "with the live ones, or dropped; \"drained\" if it has one that gets nothing new; "
	       "\"awaited\" after a resize, until its instance has joined; \"leaving\" if a resize "
	       "has removed it. SLOTS are its part of the addresses, of 16384. PACKETS and BYTES "
	       "count since the cluster was first started: datagrams, and for TCP new connections. "
	       "QUEUE is what waits in the socket now, in bytes (TCP: connections), and DROPS the "
	       "packets that found it full since it was opened. Below is where packets went: to "
	       "their bucket (primary), to another because it was dead or drained (failover), to "
	       "any socket because no bucket was left (kernel), to none because of "
	       "reuseport_fallback: drop (dropped), or to the bucket that they are pinned to "
	       "(pinned).",
};

/* What was shown before, for rates. */
struct screen {
	struct clusters clusters;
	uint64_t at_ns;
};

static int screen_read(struct screen *screen, const struct options *opt,
		       struct pmreuseport_error *error)
{
	size_t i;
	int err;

	screen->at_ns = clock_ns();
	err = clusters_read(&screen->clusters, opt->about.cluster, error);
	for (i = 0; !err && i < screen->clusters.n; i++)
		if (screen->clusters.list[i].unknown.what[0])
			report_failure(&screen->clusters.list[i].unknown);
	return err;
}

static void set_rates(struct screen *now, const struct screen *before)
{
	const double seconds = (now->at_ns - before->at_ns) / 1e9;
	size_t i, j;

	for (i = 0; i < now->clusters.n; i++)
		for (j = 0; j < before->clusters.n; j++)
			cluster_status_set_rates(&now->clusters.list[i], &before->clusters.list[j],
						 seconds);
}

static int show_json(const struct screen *screen)
{
	json_t *list = json_array();
	int bad = 0;
	size_t i;

	for (i = 0; i < screen->clusters.n; i++)
		bad |= json_array_append_new(list, cluster_status_json(&screen->clusters.list[i]));
	if (!bad)
		return report_json(json_pack("{s:o}", "clusters", list));
	json_decref(list);
	return report_json(NULL);
}

static int show_words(const struct screen *screen, bool in_place)
{
	size_t i;

	/* To the upper left, and erase what is below: as top(1) does. */
	if (in_place)
		fputs("\033[H\033[J", stdout);
	for (i = 0; i < screen->clusters.n; i++)
		cluster_status_print(&screen->clusters.list[i]);
	return report_done();
}

int verb_status(int argc, char **argv)
{
	struct pmreuseport_error error = {0};
	struct screen now = {0}, before = {0};
	struct options opt = {0};
	int ret;

	if (argp_parse(&argp, argc, argv, 0, NULL, &opt))
		return ARGS_EXIT_USAGE;
	do {
		ret = screen_read(&now, &opt, &error);
		if (!ret)
			set_rates(&now, &before);
		clusters_free(&before.clusters);
		before = now;
		if (ret)
			ret = report_failure(&error);
		else
			ret = opt.about.json ? show_json(&now)
					     : show_words(&now, opt.watch && isatty(STDOUT_FILENO));
	} while (!ret && opt.watch && !sleep(opt.watch));
	clusters_free(&before.clusters);
	return ret;
}
