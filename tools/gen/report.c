/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report.h"

#include "bmp_run.h"
#include "common/report.h"
#include "replay_run.h"

#include <errno.h>
#include <jansson.h>

/* jansson fails on a NULL value, too: one check covers building and adding. */
static int add(json_t *o, const char *key, json_t *value)
{
	return json_object_set_new(o, key, value);
}

static int add_counters(json_t *o, const struct udp_counters *c)
{
	return add(o, "datagrams", json_integer((json_int_t)c->datagrams)) ||
	       add(o, "bytes", json_integer((json_int_t)c->bytes)) ||
	       add(o, "refused", json_integer((json_int_t)c->refused)) ||
	       add(o, "unsent", json_integer((json_int_t)c->unsent));
}

static void sum(struct udp_counters *to, const struct udp_counters *c)
{
	to->datagrams += c->datagrams;
	to->bytes += c->bytes;
	to->refused += c->refused;
	to->unsent += c->unsent;
}

static json_t *address(const struct ip_addr *ip)
{
	char text[INET6_ADDRSTRLEN];

	return json_string(ip_format(ip, text));
}

int report_record(FILE *f, const struct exporter *ex, uint32_t domain,
		  const struct flow_record *rec)
{
	json_t *o =
		json_pack("{s:o, s:i, s:I, s:o, s:o, s:i, s:i, s:s, s:I, s:I}", "exporter",
			  address(&ex->addr), "version", ex->version, "domain", (json_int_t)domain,
			  "ip_src", address(&rec->src), "ip_dst", address(&rec->dst), "port_src",
			  rec->src_port, "port_dst", rec->dst_port, "ip_proto", "udp", "packets",
			  (json_int_t)rec->packets, "bytes", (json_int_t)rec->bytes);
	int bad = !o || json_dumpf(o, f, JSON_COMPACT) || fputc('\n', f) == EOF;

	json_decref(o);
	return bad ? -EIO : 0;
}

static json_t *exporter_json(const struct flow_options *opt, const struct exporter *ex)
{
	json_t *ports = json_array();
	json_t *o;
	uint32_t i;

	for (i = 0; i < opt->ports; i++)
		json_array_append_new(ports, json_integer(ex->ports[i].number));
	o = json_pack("{s:o, s:i, s:o, s:I, s:I, s:I}", "address", address(&ex->addr), "version",
		      ex->version, "ports", ports, "domains", (json_int_t)opt->domains, "templates",
		      (json_int_t)ex->templates, "records", (json_int_t)ex->records);
	if (o && add_counters(o, &ex->count)) {
		json_decref(o);
		return NULL;
	}
	return o;
}

int report_flows(const struct flow_options *opt, const struct exporter *exporters)
{
	struct udp_counters total = {0};
	uint64_t templates = 0, records = 0;
	json_t *o, *list = json_array();
	size_t i;

	for (i = 0; i < opt->from.count; i++) {
		sum(&total, &exporters[i].count);
		templates += exporters[i].templates;
		records += exporters[i].records;
		if (!opt->quiet)
			json_array_append_new(list, exporter_json(opt, &exporters[i]));
	}
	o = json_pack("{s:s, s:I, s:I, s:I}", "command", "flows", "exporters",
		      (json_int_t)opt->from.count, "templates", (json_int_t)templates, "records",
		      (json_int_t)records);
	if (add_counters(o, &total) || (!opt->quiet && add(o, "sources", json_incref(list)))) {
		json_decref(o);
		o = NULL;
	}
	json_decref(list);
	return report_json(o) ? -EIO : 0;
}

static json_t *messages(const uint64_t counts[BMP_TYPE_COUNT])
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I}", "initiation",
			 (json_int_t)counts[BMP_INITIATION], "peer_up",
			 (json_int_t)counts[BMP_PEER_UP], "route_monitoring",
			 (json_int_t)counts[BMP_ROUTE_MONITORING], "stats_report",
			 (json_int_t)counts[BMP_STATS_REPORT], "termination",
			 (json_int_t)counts[BMP_TERMINATION]);
}

static json_t *session_json(const struct bmp_session *s)
{
	json_t *o = json_pack("{s:o, s:i, s:I, s:s, s:I, s:o}", "address", address(&s->stream.addr),
			      "port", s->port, "attempts", (json_int_t)s->attempts, "state",
			      bmp_state_name(s->state), "bytes", (json_int_t)s->bytes, "messages",
			      messages(s->messages));

	if (o && s->error && add(o, "error", json_string(strerror(s->error)))) {
		json_decref(o);
		return NULL;
	}
	return o;
}

int report_bmp(const struct bmp_run *run)
{
	uint64_t counts[BMP_TYPE_COUNT] = {0}, bytes = 0, states[BMP_STATE_COUNT] = {0};
	json_t *o, *list = json_array(), *by_state = json_object();
	size_t i, k;

	for (i = 0; i < run->opt->from.count; i++) {
		const struct bmp_session *s = &run->sessions[i];

		for (k = 0; k < BMP_TYPE_COUNT; k++)
			counts[k] += s->messages[k];
		bytes += s->bytes;
		states[s->state]++;
		if (!run->opt->quiet)
			json_array_append_new(list, session_json(s));
	}
	for (k = 0; k < BMP_STATE_COUNT; k++) {
		if (states[k])
			add(by_state, bmp_state_name(k), json_integer((json_int_t)states[k]));
	}
	o = json_pack("{s:s, s:I, s:I, s:o, s:o}", "command", "bmp", "routers",
		      (json_int_t)run->opt->from.count, "bytes", (json_int_t)bytes, "states",
		      by_state, "messages", messages(counts));
	if (!run->opt->quiet && add(o, "sources", json_incref(list))) {
		json_decref(o);
		o = NULL;
	}
	json_decref(list);
	return report_json(o) ? -EIO : 0;
}

static json_t *replay_source_json(const struct replay_source *s)
{
	json_t *o = json_pack("{s:o, s:i, s:o, s:i}", "address", address(&s->addr), "port", s->port,
			      "original_address", address(&s->original), "original_port",
			      s->original_port);

	if (o && add_counters(o, &s->count)) {
		json_decref(o);
		return NULL;
	}
	return o;
}

static json_t *skipped(const uint64_t verdicts[UDP_VERDICT_COUNT])
{
	return json_pack("{s:I, s:I, s:I, s:I}", "not_udp", (json_int_t)verdicts[UDP_NOT_UDP],
			 "fragments", (json_int_t)verdicts[UDP_FRAGMENT], "truncated",
			 (json_int_t)verdicts[UDP_TRUNCATED], "malformed",
			 (json_int_t)verdicts[UDP_MALFORMED]);
}

int report_replay(const struct replay *replay)
{
	struct udp_counters total = {0};
	json_t *o, *list = json_array();
	size_t i;

	for (i = 0; i < replay->table.count; i++) {
		sum(&total, &replay->table.list[i]->count);
		if (!replay->opt->quiet)
			json_array_append_new(list, replay_source_json(replay->table.list[i]));
	}
	o = json_pack("{s:s, s:s, s:I, s:I, s:o}", "command", "replay", "file", replay->opt->path,
		      "frames", (json_int_t)replay->frames, "exporters",
		      (json_int_t)replay->table.addresses, "skipped", skipped(replay->verdicts));
	if (add_counters(o, &total) ||
	    (!replay->opt->quiet && add(o, "sources", json_incref(list)))) {
		json_decref(o);
		o = NULL;
	}
	json_decref(list);
	return report_json(o) ? -EIO : 0;
}
