/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay_run.h"

#include "common/descriptors.h"
#include "common/pacer.h"
#include "report.h"

#include <err.h>
#include <errno.h>
#include <pcap/pcap.h>
#include <string.h>

/* One descriptor for each socket: the limit is raised whenever the table has doubled. */
static int make_room(size_t count)
{
	if (count & (count - 1))
		return 0;
	return raise_descriptor_limit(count * 2);
}

static int open_source(struct replay *r, struct replay_source *src)
{
	const struct target *to = targets_for(&r->opt->to, &src->addr);
	char text[INET6_ADDRSTRLEN];
	int ret;

	ip_format(&src->addr, text);
	if (!to) {
		warnx("source %s has no target of its address family; add another --to, or map "
		      "the source with --source-base",
		      text);
		return -EDESTADDRREQ;
	}
	ret = make_room(r->table.count);
	if (ret)
		return ret;
	src->fd = udp_socket_open(&src->addr, to, &src->port);
	if (src->fd < 0) {
		warnx("cannot send from %s: %s; map the source to a local address with --source "
		      "or --source-base",
		      text, strerror(-src->fd));
		return src->fd;
	}
	return 0;
}

static int send_view(struct replay *r, const struct udp_view *view)
{
	const struct replay_options *opt = r->opt;
	struct replay_source *src;
	char text[INET6_ADDRSTRLEN];
	int ret;

	src = flow_table_get(&r->table, &view->src, view->src_port,
			     opt->source.family ? &opt->source : NULL,
			     opt->source_base.family ? &opt->source_base : NULL);
	if (!src) {
		warnx("out of memory, or of addresses after --source-base, for source %s",
		      ip_format(&view->src, text));
		return -ENOMEM;
	}
	if (src->fd < 0) {
		ret = open_source(r, src);
		if (ret)
			return ret;
	}
	ret = udp_socket_send(src->fd, view->payload, view->len, &src->count);
	if (ret < 0)
		warnx("cannot send from %s: %s", ip_format(&src->addr, text), strerror(-ret));
	return ret < 0 ? ret : 0;
}

/* The clock of a capture may step back; the frame is due at once then. */
static void wait_as_captured(const struct pacer *pacer, const struct timeval *first,
			     const struct timeval *now)
{
	struct timeval since;

	timersub(now, first, &since);
	if (since.tv_sec >= 0)
		pacer_wait_until(pacer, (uint64_t)since.tv_sec * 1000000000 +
						(uint64_t)since.tv_usec * 1000);
}

static int play(struct replay *r, pcap_t *pcap)
{
	struct pcap_pkthdr *h;
	struct timeval first;
	struct udp_view view;
	const uint8_t *frame;
	struct pacer pacer;
	int ret, verdict;

	pacer_init(&pacer, r->opt->rate);
	while ((ret = pcap_next_ex(pcap, &h, &frame)) == 1) {
		if (!r->frames++)
			first = h->ts;
		verdict = udp_payload(frame, h->caplen, pcap_datalink(pcap), &view);
		r->verdicts[verdict]++;
		if (verdict != UDP_OK)
			continue;
		if (r->opt->pcap_timing)
			wait_as_captured(&pacer, &first, &h->ts);
		else
			pacer_wait(&pacer);
		ret = send_view(r, &view);
		if (ret)
			return ret;
	}
	if (ret == PCAP_ERROR_BREAK) /* the end of the file */
		return 0;
	warnx("cannot read '%s' to its end: %s", r->opt->path, pcap_geterr(pcap));
	return -EIO;
}

int replay_run(const struct replay_options *opt)
{
	char why[PCAP_ERRBUF_SIZE] = "";
	struct replay r = {.opt = opt};
	const char *link;
	pcap_t *pcap;
	int ret;

	pcap = pcap_open_offline(opt->path, why);
	if (!pcap) {
		warnx("cannot read capture '%s': %s", opt->path, why);
		return -EINVAL;
	}
	if (!udp_payload_knows(pcap_datalink(pcap))) {
		link = pcap_datalink_val_to_name(pcap_datalink(pcap));
		warnx("'%s' has link type %s; use an Ethernet, Linux cooked or raw IP capture",
		      opt->path, link ? link : "unknown");
		ret = -EINVAL;
		goto out;
	}
	ret = play(&r, pcap);
	if (!ret)
		ret = report_replay(&r);
out:
	flow_table_free(&r.table);
	pcap_close(pcap);
	return ret;
}
