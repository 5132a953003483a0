/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flow records that identify themselves: addresses and ports encode the exporter,
 * the domain and the number of a record, so a collector's output can be compared
 * with what was sent, record by record.
 */
#ifndef GEN_FLOW_RECORD_H
#define GEN_FLOW_RECORD_H

#include "common/ip_addr.h"
#include "write_buffer.h"

#include <stdbool.h>

/* The largest v5 datagram: 30 records. */
#define FLOW_DATAGRAM_MAX 1464

/* v9 and IPFIX datagrams fit an Ethernet frame behind an IPv6 and a UDP header. */
#define TEMPLATE_DATAGRAM_MAX 1452

/* The maximum number of records in any of the formats. */
#define FLOW_RECORDS_MAX 49

#define FLOW_DOMAINS_MAX 254u

/* Every flow is one second long and ended a second before its export. */
#define FLOW_BEGAN_MS_AGO 2000
#define FLOW_ENDED_MS_AGO 1000

/* Destination ports hold the bits of the number above the first 16. */
#define FLOW_NUMBER_MAX (((uint32_t)(65535 - 1024) << 16) | 0xffff)

struct flow_record {
	struct ip_addr src;
	struct ip_addr dst;
	uint16_t src_port;
	uint16_t dst_port;
	uint8_t proto;
	uint32_t packets;
	uint32_t bytes;
};

/* The fields of the headers of all three formats. */
struct flow_header {
	uint16_t version;
	uint32_t domain;   /* v5: engine id, v9: source id, IPFIX: observation domain */
	uint32_t sequence; /* of this datagram */
	uint64_t unix_ns;
	uint32_t uptime_ms;
};

void flow_record_make(struct flow_record *rec, uint32_t exporter, uint32_t domain, uint32_t number,
		      const uint8_t dst_net[3], bool ipv6);

/* The sequence number after a datagram with 'records' data records. */
uint32_t flow_sequence_next(uint16_t version, uint32_t sequence, uint32_t records);

/* The maximum number of records in a datagram. */
unsigned int flow_records_limit(uint16_t version, bool ipv6);

#endif
