/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The output: text, or one JSON object per line. */
#include "report.h"

#include "common/outside_text.h"
#include "common/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A failure to write ends the program, and is reported once. */
static void done(struct listen *listen)
{
	listen->mute |= report_done() != 0;
}

/* object NULL: out of memory. */
static void print(struct listen *listen, json_t *object)
{
	listen->mute |= report_json(object) != 0;
}

static const char *protocol(bool tcp)
{
	return tcp ? "tcp" : "udp";
}

static json_t *port_json(const struct port *port)
{
	const unsigned int outside = pmreuseport_outside(port->member);
	struct pmreuseport_process holder;
	json_t *object = json_pack("{s:s, s:i, s:s}", "protocol", protocol(port->tcp), "port",
				   port->number, "path", pmreuseport_path(port->member));

	if (pmreuseport_previous(port->member, &holder) &&
	    (json_object_set_new(object, "took_over", json_integer(holder.pid)) ||
	     json_object_set_new(object, "other_pid_namespace", json_boolean(holder.elsewhere)))) {
		json_decref(object);
		return NULL;
	}
	if (outside && json_object_set_new(object, "outside", json_integer(outside))) {
		json_decref(object);
		return NULL;
	}
	return object;
}

static void print_port(const struct port *port)
{
	struct pmreuseport_process holder;
	char text[OUTSIDE_TEXT_SIZE];
	const char *outside = outside_text(pmreuseport_outside(port->member), text);

	printf("%s %u: %s", protocol(port->tcp), port->number, pmreuseport_path(port->member));
	if (pmreuseport_previous(port->member, &holder))
		printf(", taken over from pid %d %s%s", (int)holder.pid, holder.comm,
		       holder.elsewhere ? " of another pid namespace" : "");
	if (outside)
		printf("; %s", outside);
	putchar('\n');
}

void report_ready(struct listen *listen)
{
	const struct options *opt = &listen->opt;
	/* Only the first to join knows it. */
	const unsigned int before = pmreuseport_previous_count(listen->ports[0].member);
	json_t *ports, *object;
	unsigned int i;

	if (listen->mute)
		return;
	if (listen->opt.json) {
		ports = json_array();
		for (i = 0; i < listen->n_ports; i++)
			json_array_append_new(ports, port_json(&listen->ports[i]));
		object = json_pack("{s:s, s:i, s:s, s:i, s:i, s:o}", "event", "ready", "pid",
				   (int)getpid(), "cluster", opt->cluster, "bucket",
				   (int)opt->index, "count", (int)opt->count, "ports", ports);
		if (before && json_object_set_new(object, "count_before", json_integer(before))) {
			json_decref(object);
			object = NULL;
		}
		print(listen, object);
		return;
	}
	printf("hash bucket %u of %u in cluster %s, pid %d\n", opt->index, opt->count, opt->cluster,
	       (int)getpid());
	if (before)
		printf("the cluster had %u hash buckets before\n", before);
	for (i = 0; i < listen->n_ports; i++)
		print_port(&listen->ports[i]);
	done(listen);
}

/* One exporter or connection. bytes may be NULL. */
static void report_source(struct listen *listen, const char *event, bool tcp,
			  const struct ip_addr *address, uint16_t source_port, uint16_t port,
			  const uint64_t *bytes)
{
	char text[INET6_ADDRSTRLEN];
	json_t *object;

	if (listen->mute)
		return;
	ip_format(address, text);
	if (!listen->opt.json) {
		printf("%-10s %-39s %5u -> %s %u", event, text, source_port, protocol(tcp), port);
		if (bytes)
			printf(", %" PRIu64 " byte%s", *bytes, *bytes == 1 ? "" : "s");
		putchar('\n');
		done(listen);
		return;
	}
	object = json_pack("{s:s, s:s, s:s, s:i, s:i}", "event", event, "protocol", protocol(tcp),
			   "address", text, "source_port", source_port, "port", port);
	if (bytes && json_object_set_new(object, "bytes", json_integer((json_int_t)*bytes))) {
		json_decref(object);
		object = NULL;
	}
	print(listen, object);
}

void report_datagram(struct listen *listen, const struct ip_addr *address, uint16_t source_port,
		     const struct port *port, uint64_t bytes)
{
	report_source(listen, "datagram", false, address, source_port, port->number, &bytes);
}

void report_connection(struct listen *listen, const struct session *session)
{
	report_source(listen, "connection", true, &session->address, session->source_port,
		      session->port, NULL);
}

void report_closed(struct listen *listen, const struct session *session)
{
	report_source(listen, "closed", true, &session->address, session->source_port,
		      session->port, &session->bytes);
}

void report_returned(struct listen *listen, const struct port *port)
{
	if (listen->mute)
		return;
	if (listen->opt.json) {
		print(listen, json_pack("{s:s, s:s, s:i}", "event", "returned", "protocol",
					protocol(port->tcp), "port", port->number));
		return;
	}
	printf("%s %u: back in the hash bucket, as the process that took it over is gone\n",
	       protocol(port->tcp), port->number);
	done(listen);
}

void report_left(struct listen *listen, const char *why)
{
	if (listen->mute)
		return;
	if (listen->opt.json) {
		print(listen, json_pack("{s:s, s:s}", "event", "left", "reason", why));
		return;
	}
	if (!strcmp(why, "lost"))
		puts("the hash bucket was taken over, released or removed; reading what is queued");
	else
		printf("left the hash bucket (%s); reading what is queued\n", why);
	done(listen);
}

static json_t *totals_json(const struct totals *totals, const char *items)
{
	return json_pack("{s:I, s:I, s:I, s:I}", "exporters", (json_int_t)totals->exporters, items,
			 (json_int_t)totals->items, "bytes", (json_int_t)totals->bytes,
			 "unanswered", (json_int_t)totals->unanswered);
}

static void print_totals(const char *name, const struct totals *totals, const char *items)
{
	printf("%s: exporters %" PRIu64 ", %s %" PRIu64 ", bytes %" PRIu64, name, totals->exporters,
	       items, totals->items, totals->bytes);
	if (totals->unanswered)
		printf(", unanswered %" PRIu64, totals->unanswered);
	putchar('\n');
}

void report_totals(struct listen *listen)
{
	if (listen->mute)
		return;
	if (listen->opt.json) {
		print(listen,
		      json_pack("{s:s, s:o, s:o, s:I, s:I, s:I}", "event", "totals", "udp",
				totals_json(&listen->udp, "datagrams"), "tcp",
				totals_json(&listen->tcp, "connections"), "not_remembered",
				(json_int_t)listen->not_remembered, "cut", (json_int_t)listen->cut,
				"answers", (json_int_t)listen->answers));
		return;
	}
	print_totals("udp", &listen->udp, "datagrams");
	print_totals("tcp", &listen->tcp, "connections");
	if (listen->not_remembered)
		printf("only the first %" PRIu32 " exporters are counted as such (--remember); "
		       "%" PRIu64 " datagrams and connections came from others\n",
		       listen->opt.remember, listen->not_remembered);
	if (listen->cut)
		printf("%" PRIu64 " connections were closed to make room for newer ones "
		       "(--sessions %" PRIu32 ")\n",
		       listen->cut, listen->opt.sessions);
	if (listen->answers)
		printf("%" PRIu64 " datagrams were answers of other listeners\n", listen->answers);
	done(listen);
}
