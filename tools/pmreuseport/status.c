/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command "status": the buckets of a cluster, their processes and their traffic. */
#include "commands.h"
#include "common/pacer.h"
#include "common/report.h"
#include "options.h"
#include "view/cluster_status_json.h"
#include "view/cluster_status_text.h"
#include "view/clusters.h"

#include <stdio.h>
#include <unistd.h>

struct options {
	const char *cluster; /* NULL: all */
	bool json;
	unsigned int watch; /* seconds; 0: once */
};

static const struct parameter options[] = {
	{.name = "watch",
	 .letter = 'w',
	 .value = "SECONDS",
	 .help = "Repeat every SECONDS (1 to 3600; default: 1), with rates",
	 .kind = VALUE_NUMBER,
	 .min = 1,
	 .max = SECONDS_MAX,
	 .bare = 1,
	 FIELD(struct options, watch)},
	OPTION_CLUSTER_ALL(struct options),
	OPTION_JSON(struct options),
	{0},
};

static const struct command_line grammar = {
	.options = options,
	.summary = "Show the hash buckets of clusters, their processes and their traffic.",
	.details =
		"The state of a bucket is \"live\" if it has a socket; \"dead\" if not, so that "
		"its exporters go to the live ones, or are dropped; \"drained\" if its socket "
		"gets nothing new; \"awaited\" after a resize, until its instance has joined; "
		"\"leaving\" if a resize has removed it. In an endpoint that is private to a "
		"bucket, because no other one has ever held it, only that bucket is shown. SLOTS "
		"is its part of the 16384 slots of "
		"addresses. PACKETS and BYTES count since the first start of the cluster: "
		"datagrams, or new connections for TCP. QUEUE is what the socket has queued, in "
		"bytes (TCP: connections). DROPS counts the packets that found the queue full "
		"since the socket was opened.\n\n"
		"The last line of an endpoint counts the decisions: packets for their own bucket "
		"(primary), for another bucket because it was dead or drained (failover), for the "
		"bucket that they are pinned to (pinned), for any socket because no bucket was "
		"left (kernel), for none because of reuseport_fallback: drop (dropped), or for "
		"none because the exporter's pin says drop (refused). A line below names each "
		"bucket whose instance found the selector detached.",
	.example = "pmreuseport status --watch=5",
	.advise = options_advise,
};

/* One reading; rates need the one before. */
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
	err = clusters_read(&screen->clusters, opt->cluster, error);
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

	/* Go to the upper left and clear the screen. */
	if (in_place)
		fputs("\033[H\033[J", stdout);
	for (i = 0; i < screen->clusters.n; i++)
		cluster_status_print(&screen->clusters.list[i]);
	return report_done();
}

int command_status(int argc, char **argv)
{
	struct pmreuseport_error error = {0};
	struct screen now = {0}, before = {0};
	struct options opt = {0};
	int ret;

	command_line_parse(&grammar, argc, argv, &opt);
	do {
		ret = screen_read(&now, &opt, &error);
		if (!ret)
			set_rates(&now, &before);
		clusters_free(&before.clusters);
		before = now;
		if (ret)
			ret = report_failure(&error);
		else
			ret = opt.json ? show_json(&now)
				       : show_words(&now, opt.watch && isatty(STDOUT_FILENO));
	} while (!ret && opt.watch && !sleep(opt.watch));
	clusters_free(&before.clusters);
	return ret;
}
