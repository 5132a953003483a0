/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "flow_record.h"

#include "netflow5.h"
#include "template_flow.h"

#include <string.h>

void flow_record_make(struct flow_record *rec, uint32_t exporter, uint32_t domain, uint32_t number,
		      const uint8_t dst_net[3], bool ipv6)
{
	uint8_t hi = (uint8_t)(exporter >> 8), lo = (uint8_t)exporter;
	uint8_t host = (uint8_t)(domain + 1), dst_host = (uint8_t)(1 + exporter % 254);

	memset(rec, 0, sizeof(*rec));
	if (ipv6) {
		/* 2001:db8:a:HHLL::DD -> 2001:db8:d:AABB:CC00::XX, the destination net within. */
		const uint8_t src[16] = {0x20, 0x01, 0x0d, 0xb8, 0, 0xa, hi, lo, [15] = host};
		const uint8_t dst[16] = {0x20, 0x01,	   0x0d,       0xb8,	   0,
					 0xd,  dst_net[0], dst_net[1], dst_net[2], [15] = dst_host};

		rec->src.family = AF_INET6;
		memcpy(rec->src.b, src, 16);
		memcpy(rec->dst.b, dst, 16);
	} else {
		const uint8_t src[4] = {10, hi, lo, host};
		const uint8_t dst[4] = {dst_net[0], dst_net[1], dst_net[2], dst_host};

		rec->src.family = AF_INET;
		memcpy(rec->src.b, src, 4);
		memcpy(rec->dst.b, dst, 4);
	}
	rec->dst.family = rec->src.family;
	rec->src_port = (uint16_t)number;
	rec->dst_port = (uint16_t)(1024 + (number >> 16));
	rec->proto = IPPROTO_UDP;
	rec->packets = 1 + number % 7;
	rec->bytes = rec->packets * 100 + exporter % 50;
}

uint32_t flow_sequence_next(uint16_t version, uint32_t sequence, uint32_t records)
{
	/*
	 * v9 counts export packets, those with templates too (RFC 3954, 5.1).
	 * IPFIX counts data records, not templates (RFC 7011, 3.1); v5 counts flows.
	 */
	return version == 9 ? sequence + 1 : sequence + records;
}

unsigned int flow_records_limit(uint16_t version, bool ipv6)
{
	return version == 5 ? NETFLOW5_RECORDS_MAX : template_flow_limit(version, ipv6);
}
