/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "flow_run.h"

#include "common/descriptors.h"
#include "common/pacer.h"
#include "netflow5.h"
#include "report.h"
#include "template_flow.h"

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The exporters "booted" an hour before the first datagram. */
#define UPTIME_AT_START_MS (3600u * 1000)

struct run {
	const struct flow_options *opt;
	struct exporter *exporters;
	struct pacer pacer;
	sigset_t stop;
	FILE *records;
	uint8_t buf[FLOW_DATAGRAM_MAX];
};

static void fill_header(const struct run *run, const struct exporter *ex, uint32_t domain,
			struct flow_header *h)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	h->version = ex->version;
	h->domain = domain;
	h->sequence = ex->domains[domain].sequence;
	h->unix_ns = (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
	h->uptime_ms =
		UPTIME_AT_START_MS + (uint32_t)((clock_ns() - run->pacer.start_ns) / 1000000);
}

static int send_buf(struct run *run, struct exporter *ex, uint32_t port, const struct wbuf *b)
{
	char text[INET6_ADDRSTRLEN];
	int ret;

	pacer_wait(&run->pacer);
	ret = udp_socket_send(ex->ports[port].fd, b->data, b->len, &ex->count);
	if (ret < 0)
		warnx("cannot send from %s: %s", ip_format(&ex->addr, text), strerror(-ret));
	return ret;
}

static int send_templates(struct run *run, struct exporter *ex, uint32_t domain, uint32_t port)
{
	struct exporter_domain *dom = &ex->domains[domain];
	struct flow_header h;
	struct wbuf b;
	int ret;

	wbuf_init(&b, run->buf, sizeof(run->buf));
	fill_header(run, ex, domain, &h);
	ret = template_flow_templates(&b, &h, ex->ipv6_flows);
	if (ret)
		return ret;
	dom->sequence = flow_sequence_next(ex->version, dom->sequence, 0);
	ret = send_buf(run, ex, port, &b);
	if (!ret)
		ex->templates++;
	return ret < 0 ? ret : 0;
}

/*
 * Unless --templates-per-port is set, the templates of a domain leave from port
 * 'domain % ports' only, but its data from all ports in turn: a collector that tells
 * exporters apart by port misses the templates of most of them.
 */
static int refresh_templates(struct run *run, struct exporter *ex, uint32_t domain)
{
	uint32_t nth = ex->domains[domain].data_packets, port;
	int ret = 0;

	if (ex->version == 5)
		return 0;
	if (nth && (!run->opt->refresh || nth % run->opt->refresh))
		return 0;
	if (!run->opt->templates_per_port)
		return send_templates(run, ex, domain, domain % run->opt->ports);
	for (port = 0; port < run->opt->ports && !ret; port++)
		ret = send_templates(run, ex, domain, port);
	return ret;
}

static int log_records(struct run *run, const struct exporter *ex, uint32_t domain,
		       const struct flow_record *rec, uint32_t n)
{
	uint32_t i;
	int ret = 0;

	for (i = 0; run->records && i < n && !ret; i++)
		ret = report_record(run->records, ex, domain, &rec[i]);
	return ret;
}

static int send_data(struct run *run, struct exporter *ex)
{
	const struct flow_options *opt = run->opt;
	uint32_t domain = ex->data_packets % opt->domains;
	/* Not data_packets % ports: with as many domains as ports, each would use one port only. */
	uint32_t port = ex->data_packets / opt->domains % opt->ports;
	uint32_t left = opt->flows - ex->next_record, n, i;
	struct exporter_domain *dom = &ex->domains[domain];
	struct flow_record rec[FLOW_RECORDS_MAX];
	struct flow_header h;
	struct wbuf b;
	int ret;

	ret = refresh_templates(run, ex, domain);
	if (ret)
		return ret;
	n = left < opt->records_per_packet ? left : opt->records_per_packet;
	for (i = 0; i < n; i++) {
		uint32_t number = ex->next_record + i;

		flow_record_make(&rec[i], ex->index, domain, number, opt->dst_net,
				 ex->ipv6_flows && number % 2);
	}
	wbuf_init(&b, run->buf, sizeof(run->buf));
	fill_header(run, ex, domain, &h);
	if (ex->version == 5)
		ret = netflow5_encode(&b, &h, rec, n);
	else
		ret = template_flow_data(&b, &h, rec, n);
	if (ret)
		return ret;
	/* A datagram that is not sent counts, too, so that the collector notices the gap. */
	dom->sequence = flow_sequence_next(ex->version, dom->sequence, n);
	dom->data_packets++;
	ex->data_packets++;
	ex->next_record += n;
	ret = send_buf(run, ex, port, &b);
	if (ret)
		return ret < 0 ? ret : 0;
	ex->records += n;
	return log_records(run, ex, domain, rec, n);
}

/* SIGTERM and SIGINT stop the traffic, not the report. */
static void block_stop_signals(struct run *run)
{
	sigemptyset(&run->stop);
	sigaddset(&run->stop, SIGTERM);
	sigaddset(&run->stop, SIGINT);
	sigprocmask(SIG_BLOCK, &run->stop, NULL);
}

static bool told_to_stop(const struct run *run)
{
	const struct timespec now = {0};

	return sigtimedwait(&run->stop, NULL, &now) > 0;
}

static int send_all(struct run *run)
{
	bool more = true;
	size_t i;
	int ret;

	while (more) {
		more = false;
		for (i = 0; i < run->opt->from.count; i++) {
			if (run->exporters[i].next_record >= run->opt->flows)
				continue;
			if (told_to_stop(run))
				return 0;
			ret = send_data(run, &run->exporters[i]);
			if (ret)
				return ret;
			more = true;
		}
	}
	return 0;
}

static int close_records(FILE *f, const char *path)
{
	int failed = ferror(f);

	if (fclose(f) || failed) {
		warnx("cannot write all records to '%s'; free disk space, or use another file",
		      path);
		return -EIO;
	}
	return 0;
}

int flow_run(const struct flow_options *opt)
{
	struct run run = {.opt = opt};
	size_t i, opened = 0;
	int ret;

	block_stop_signals(&run);
	ret = raise_descriptor_limit((uint64_t)opt->from.count * opt->ports);
	if (ret)
		return ret;
	run.exporters = calloc(opt->from.count, sizeof(*run.exporters));
	if (!run.exporters) {
		warnx("out of memory for %zu exporters; use fewer", opt->from.count);
		return -ENOMEM;
	}
	if (opt->records_path) {
		run.records = fopen(opt->records_path, "we");
		if (!run.records) {
			ret = -errno;
			warn("cannot create '%s'", opt->records_path);
			goto out;
		}
	}
	for (; opened < opt->from.count; opened++) {
		ret = exporter_open(&run.exporters[opened], opt, (uint32_t)opened);
		if (ret) {
			opened++;
			goto out;
		}
	}
	pacer_init(&run.pacer, opt->rate);
	ret = send_all(&run);
out:
	/* Before the report: a reader of the report may open the records at once. */
	if (run.records) {
		int err = close_records(run.records, opt->records_path);

		ret = ret ? ret : err;
	}
	if (!ret)
		ret = report_flows(opt, run.exporters);
	for (i = 0; i < opened; i++)
		exporter_close(&run.exporters[i], opt);
	free(run.exporters);
	return ret;
}
