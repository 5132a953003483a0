/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command "top": the heaviest exporters. */
#include "commands.h"
#include "common/pacer.h"
#include "common/report.h"
#include "options.h"
#include "view/rates.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct options {
	const char *cluster;
	bool json;
	bool by_bytes; /* not by packets */
	bool watch;
	unsigned int seconds;
	size_t number;
};

static const struct parameter options[] = {
	{.name = "number",
	 .letter = 'n',
	 .value = "N",
	 .help = "Show N exporters (default: 20)",
	 .kind = VALUE_NUMBER,
	 .min = 1,
	 .max = PMR_MAX_EXPORTERS,
	 FIELD(struct options, number)},
	OPTION_SECONDS(struct options, "1"),
	OPTION_BY(struct options),
	{.name = "watch",
	 .letter = 'w',
	 .help = "Repeat until stopped",
	 FIELD(struct options, watch)},
	OPTION_CLUSTER_READ(struct options),
	OPTION_JSON(struct options),
	{0},
};

static const struct command_line grammar = {
	.options = options,
	.summary = "Show the heaviest exporters of a cluster, and the hash bucket of each.",
	.details =
		"Counting must be on: pmreuseport account on. SHARE is the part of the packets, or "
		"bytes, of all exporters. A new TCP connection counts as one packet.",
	.example = "pmreuseport top --number=5 --by=bytes",
	.advise = options_advise,
};

static double weight(const struct rate *rate, bool by_bytes)
{
	return by_bytes ? rate->bytes : rate->packets;
}

static int order(double a, double b, const struct rate *left, const struct rate *right)
{
	if (a != b)
		return a < b ? 1 : -1;
	return memcmp(&left->source, &right->source, sizeof(left->source));
}

static int by_packets(const void *left, const void *right)
{
	const struct rate *a = left, *b = right;

	return order(a->packets, b->packets, a, b);
}

static int by_bytes(const void *left, const void *right)
{
	const struct rate *a = left, *b = right;

	return order(a->bytes, b->bytes, a, b);
}

struct answer {
	const struct options *opt;
	const struct rates *rates; /* the heaviest first */
	size_t shown;
	double packets, bytes; /* of all */
};

static double share_of(const struct answer *answer, const struct rate *rate)
{
	const double all = answer->opt->by_bytes ? answer->bytes : answer->packets;

	return all ? weight(rate, answer->opt->by_bytes) / all : 0;
}

static const char *address_of(const struct rate *rate, char text[PMR_PIN_TEXT])
{
	const struct pmr_pin pin = {.source = rate->source};

	/* The address alone. */
	*strchr(pmr_pin_text(&pin, text), '/') = '\0';
	return text;
}

static int show_words(const struct answer *answer)
{
	char text[PMR_PIN_TEXT], uncounted[80] = "";
	size_t i;

	if (answer->rates->full)
		snprintf(uncounted, sizeof(uncounted),
			 "; more send than can be counted: %.0f packets/s are left out",
			 answer->rates->uncounted);
	/* Go to the upper left and clear the screen. */
	if (answer->opt->watch && isatty(STDOUT_FILENO))
		fputs("\033[H\033[J", stdout);
	printf("cluster %s: %zu exporter%s, %.0f packets/s, %.0f bytes/s%s\n", answer->opt->cluster,
	       answer->rates->n, answer->rates->n == 1 ? "" : "s", answer->packets, answer->bytes,
	       uncounted);
	printf("%-39s %6s %11s %13s %6s\n", "EXPORTER", "BUCKET", "PACKETS/S", "BYTES/S", "SHARE");
	for (i = 0; i < answer->shown; i++) {
		const struct rate *rate = &answer->rates->list[i];

		printf("%-39s %6u %11.0f %13.0f %5.1f%%\n", address_of(rate, text), rate->bucket,
		       rate->packets, rate->bytes, 100 * share_of(answer, rate));
	}
	return report_done();
}

static int show_json(const struct answer *answer)
{
	json_t *list = json_array();
	char text[PMR_PIN_TEXT];
	int bad = 0;
	size_t i;

	for (i = 0; i < answer->shown; i++) {
		const struct rate *rate = &answer->rates->list[i];

		bad |= json_array_append_new(list, json_pack("{s:s, s:i, s:f, s:f, s:f}", "address",
							     address_of(rate, text), "bucket",
							     (int)rate->bucket,
							     "packets_per_second", rate->packets,
							     "bytes_per_second", rate->bytes,
							     "share", share_of(answer, rate)));
	}
	if (!bad)
		return report_json(
			json_pack("{s:s, s:i, s:b, s:f, s:f, s:f, s:o}", "cluster",
				  answer->opt->cluster, "counted", (int)answer->rates->n, "full",
				  answer->rates->full, "uncounted_packets_per_second",
				  answer->rates->uncounted, "packets_per_second", answer->packets,
				  "bytes_per_second", answer->bytes, "exporters", list));
	json_decref(list);
	return report_json(NULL);
}

static int show(const struct options *opt, const struct rates *rates)
{
	struct answer answer = {.opt = opt, .rates = rates};
	const size_t n = rates->n;
	size_t i;

	if (n)
		qsort(rates->list, n, sizeof(*rates->list), opt->by_bytes ? by_bytes : by_packets);
	answer.shown = n < opt->number ? n : opt->number;
	for (i = 0; i < n; i++) {
		answer.packets += rates->list[i].packets;
		answer.bytes += rates->list[i].bytes;
	}
	return opt->json ? show_json(&answer) : show_words(&answer);
}

int command_top(int argc, char **argv)
{
	char only[PMREUSEPORT_CLUSTER_NAME_MAX + 1];
	struct options opt = {.number = 20, .seconds = 1};
	struct rates_reading before = {0}, now = {0};
	struct pmreuseport_error error = {0};
	struct rates rates = {0};
	int ret;

	command_line_parse(&grammar, argc, argv, &opt);
	opt.cluster = options_choose_cluster(opt.cluster, only);
	ret = rates_read(&before, opt.cluster, &error);
	if (ret)
		ret = report_failure(&error);
	while (!ret && !sleep(opt.seconds)) {
		ret = rates_read(&now, opt.cluster, &error);
		if (!ret)
			ret = rates_between(&before, &now, &rates, &error);
		ret = ret ? report_failure(&error) : show(&opt, &rates);
		free(rates.list);
		rates.list = NULL;
		rates_reading_free(&before);
		before = now;
		now = (struct rates_reading){0};
		if (!opt.watch)
			break;
	}
	rates_reading_free(&before);
	return ret;
}
