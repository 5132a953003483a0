/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GEN_EXPORTER_H
#define GEN_EXPORTER_H

#include "flow_record.h"
#include "udp_socket.h"

#include <stdio.h>

#define FLOW_VERSIONS_MAX 16

struct flow_options {
	struct targets to;
	struct sources from;
	uint16_t versions[FLOW_VERSIONS_MAX];
	unsigned int version_count;
	uint32_t flows;
	uint32_t records_per_packet;
	uint32_t ports;
	uint32_t domains;
	uint32_t refresh;
	uint32_t rate;
	uint32_t seq_start;
	bool templates_per_port;
	bool ipv6_flows;
	bool quiet;
	uint8_t dst_net[3];
	const char *records_path;
};

struct exporter_domain {
	uint32_t sequence;
	uint32_t data_packets;
};

struct exporter_port {
	int fd;
	uint16_t number;
};

struct exporter {
	uint32_t index;
	uint16_t version;
	bool ipv6_flows;
	struct ip_addr addr;
	struct exporter_domain *domains;
	struct exporter_port *ports;
	uint32_t next_record;
	uint32_t data_packets;
	uint64_t templates; /* datagrams that carry templates */
	uint64_t records;
	struct udp_counters count;
};

int exporter_open(struct exporter *ex, const struct flow_options *opt, uint32_t index);
void exporter_close(struct exporter *ex, const struct flow_options *opt);

#endif
