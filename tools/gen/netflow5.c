/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NetFlow version 5. There is no RFC; the format is in Cisco's "NetFlow Services
 * Solutions Guide", tables B-3 (header) and B-4 (record).
 */
#include "netflow5.h"

#include <errno.h>

static void encode_record(struct wbuf *b, const struct flow_header *h,
			  const struct flow_record *rec)
{
	wbuf_bytes(b, rec->src.b, 4);
	wbuf_bytes(b, rec->dst.b, 4);
	wbuf_u32(b, 0); /* next hop: unknown */
	wbuf_u16(b, 1); /* input interface */
	wbuf_u16(b, 2); /* output interface */
	wbuf_u32(b, rec->packets);
	wbuf_u32(b, rec->bytes);
	wbuf_u32(b, h->uptime_ms - FLOW_BEGAN_MS_AGO);
	wbuf_u32(b, h->uptime_ms - FLOW_ENDED_MS_AGO);
	wbuf_u16(b, rec->src_port);
	wbuf_u16(b, rec->dst_port);
	wbuf_u8(b, 0); /* padding */
	wbuf_u8(b, 0); /* TCP flags */
	wbuf_u8(b, rec->proto);
	wbuf_u8(b, 0);	/* type of service */
	wbuf_u16(b, 0); /* source AS: unknown */
	wbuf_u16(b, 0); /* destination AS: unknown */
	wbuf_u8(b, 0);	/* source mask */
	wbuf_u8(b, 0);	/* destination mask */
	wbuf_u16(b, 0); /* padding */
}

int netflow5_encode(struct wbuf *b, const struct flow_header *h, const struct flow_record *rec,
		    size_t n)
{
	size_t i;

	if (!n || n > NETFLOW5_RECORDS_MAX)
		return -EINVAL;
	wbuf_u16(b, 5);
	wbuf_u16(b, (uint16_t)n);
	wbuf_u32(b, h->uptime_ms);
	wbuf_u32(b, (uint32_t)(h->unix_ns / 1000000000));
	wbuf_u32(b, (uint32_t)(h->unix_ns % 1000000000));
	wbuf_u32(b, h->sequence);
	wbuf_u8(b, 0); /* engine type */
	wbuf_u8(b, (uint8_t)h->domain);
	wbuf_u16(b, 0); /* not sampled */
	for (i = 0; i < n; i++) {
		if (rec[i].src.family != AF_INET)
			return -EINVAL;
		encode_record(b, h, &rec[i]);
	}
	return b->overflow ? -EMSGSIZE : 0;
}
