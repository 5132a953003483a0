/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command "metrics": what "status" shows, for Prometheus. */
#include "commands.h"
#include "common/report.h"
#include "metrics/http.h"
#include "metrics/render.h"
#include "metrics/textfile.h"
#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options {
	const char *cluster; /* NULL: all */
	const char *output;
	struct listener listener;
	bool listen;
};

static int parse_listen(void *options, const char *text, struct pmreuseport_error *error)
{
	struct options *opt = options;
	struct pmreuseport_error why = {0};

	opt->listen = true;
	if (!listener_parse(&opt->listener, text, &why))
		return 0;
	return pmr_error(error, -EINVAL, "--listen %s", "%s", why.what, why.advice);
}

static int check(void *options, struct pmreuseport_error *error)
{
	const struct options *opt = options;

	if (opt->output && opt->listen)
		return pmr_error(error, -EINVAL, "--output and --listen exclude each other",
				 "give one of them");
	return 0;
}

static const struct parameter options[] = {
	{.name = "output",
	 .letter = 'o',
	 .value = "FILE",
	 .help = "Write the metrics to FILE, for node_exporter's textfile collector",
	 .kind = VALUE_TEXT,
	 FIELD(struct options, output)},
	{.name = "listen",
	 .letter = 'l',
	 .value = "ADDRESS",
	 .help = "Serve the metrics over HTTP, at /metrics, until stopped: unix:PATH, "
		 "127.0.0.1:PORT or [::1]:PORT",
	 .kind = VALUE_CALL,
	 .call = parse_listen},
	OPTION_CLUSTER_ALL(struct options),
	{0},
};

static const struct command_line grammar = {
	.options = options,
	.summary = "Print the numbers of \"status\" in the text format of Prometheus.",
	.details = "A file is replaced as a whole, or left as it is. A server answers 503 with the "
		   "reason while there is no cluster, or the maps cannot be read. It can be "
		   "reached from this host only; on the Unix socket, by its user and group only.",
	.example = "pmreuseport metrics --output /var/lib/prometheus/pmreuseport.prom",
	.check = check,
	.advise = options_advise,
};

/* The state that is kept from one reading to the next. */
struct reader {
	const char *cluster;
	bool serving;
	uint64_t failures;
	struct pmreuseport_error said; /* the last error that was reported */
};

/* Reports an error once, not at every reading. "": no error. */
static void complain(struct reader *reader, const struct pmreuseport_error *error)
{
	if (!strcmp(reader->said.what, error->what))
		return;
	reader->said = *error;
	if (error->what[0])
		report_failure(error);
}

static void write_all(const struct reader *reader, const struct clusters *clusters, FILE *out)
{
	struct exposition ex = {.out = out};

	metrics_render(&ex, clusters);
	if (!reader->serving)
		return;
	exposition_family(&ex, "pmreuseport_failed_readings_total", "counter",
			  "Requests for these metrics that could not be answered.");
	exposition_sample(&ex);
	exposition_value(&ex, reader->failures);
}

static int make_text(const struct reader *reader, const struct clusters *clusters, char **text,
		     size_t *size, struct pmreuseport_error *error)
{
	FILE *out = open_memstream(text, size);
	bool bad = !out;

	if (out) {
		write_all(reader, clusters, out);
		bad = ferror(out);
		bad |= fclose(out) != 0;
	}
	if (!bad)
		return 0;
	free(*text);
	*text = NULL;
	return pmr_error(error, -ENOMEM, "out of memory for the metrics",
			 "add memory, or raise the memory limit");
}

/* Also makes the page of the server. */
static int read_metrics(void *context, char **text, size_t *size, struct pmreuseport_error *error)
{
	struct reader *reader = context;
	struct clusters clusters;
	struct pmreuseport_error unknown = {0};
	size_t i;
	int err;

	*text = NULL;
	err = clusters_read(&clusters, reader->cluster, error);
	for (i = 0; i < clusters.n; i++)
		if (clusters.list[i].unknown.what[0])
			unknown = clusters.list[i].unknown;
	if (!err)
		err = make_text(reader, &clusters, text, size, error);
	if (reader->serving)
		reader->failures += err != 0;
	if (reader->serving || !err)
		complain(reader, err ? error : &unknown);
	clusters_free(&clusters);
	return err;
}

/* An error that waiting does not cure ends the server at its start. */
static bool is_hopeless(int err)
{
	return err && err != -ENOENT && err != -ETIMEDOUT;
}

static int serve(struct reader *reader, struct listener *listener)
{
	const struct page page = {EXPOSITION_TYPE, read_metrics, reader};
	struct pmreuseport_error error = {0};
	size_t size;
	char *text;
	int err;

	err = read_metrics(reader, &text, &size, &error);
	free(text);
	if (is_hopeless(err))
		return report_failure(&error);
	reader->serving = true;
	http_serve(listener, &page, &error);
	return report_failure(&error);
}

int command_metrics(int argc, char **argv)
{
	struct pmreuseport_error error = {0};
	struct options opt = {0};
	struct reader reader = {0};
	char *text = NULL;
	size_t size = 0;
	int err;

	command_line_parse(&grammar, argc, argv, &opt);
	reader.cluster = opt.cluster;
	if (opt.listen)
		return serve(&reader, &opt.listener);
	err = read_metrics(&reader, &text, &size, &error);
	if (!err && opt.output)
		err = textfile_write(opt.output, text, size, &error);
	if (!err && !opt.output)
		fwrite(text, 1, size, stdout);
	free(text);
	if (err)
		return report_failure(&error);
	return opt.output ? 0 : report_done();
}
