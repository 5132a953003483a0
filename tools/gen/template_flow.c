/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NetFlow v9 (RFC 3954) and IPFIX (RFC 7011). Headers, set ids and time fields
 * differ; sets, templates and the way data refers to them are the same.
 */
#include "template_flow.h"

#include <errno.h>

#define IPFIX 10

/* Template sets: RFC 3954, 5.2 and RFC 7011, 3.3.2. */
#define NETFLOW9_TEMPLATE_SET 0
#define IPFIX_TEMPLATE_SET 2

#define SET_HEADER_LEN 4

enum field {
	FIELD_SRC,
	FIELD_DST,
	FIELD_SRC_PORT,
	FIELD_DST_PORT,
	FIELD_PROTO,
	FIELD_PACKETS,
	FIELD_BYTES,
	FIELD_BEGIN,
	FIELD_END,
	FIELD_COUNT,
};

struct field_spec {
	uint16_t id;
	uint16_t len;
};

/* Ids: RFC 3954, 8 and the IANA IPFIX registry, which shares those below 128. */
static struct field_spec field_spec(enum field field, uint16_t version, bool ipv6)
{
	static const struct field_spec common[FIELD_COUNT] = {
		[FIELD_SRC] = {8, 4},	    [FIELD_DST] = {12, 4},   [FIELD_SRC_PORT] = {7, 2},
		[FIELD_DST_PORT] = {11, 2}, [FIELD_PROTO] = {4, 1},  [FIELD_PACKETS] = {2, 4},
		[FIELD_BYTES] = {1, 4},	    [FIELD_BEGIN] = {22, 4}, [FIELD_END] = {21, 4},
	};

	if (ipv6 && field == FIELD_SRC)
		return (struct field_spec){27, 16};
	if (ipv6 && field == FIELD_DST)
		return (struct field_spec){28, 16};
	/* The IPFIX header has no uptime to which 22 and 21 could refer. */
	if (version == IPFIX && field == FIELD_BEGIN)
		return (struct field_spec){152, 8};
	if (version == IPFIX && field == FIELD_END)
		return (struct field_spec){153, 8};
	return common[field];
}

static size_t record_len(uint16_t version, bool ipv6)
{
	size_t len = 0;
	int f;

	for (f = 0; f < FIELD_COUNT; f++)
		len += field_spec(f, version, ipv6).len;
	return len;
}

static void begin_message(struct wbuf *b, const struct flow_header *h, size_t records)
{
	wbuf_u16(b, h->version);
	if (h->version == IPFIX) {
		wbuf_u16(b, 0); /* length: end_message() */
		wbuf_u32(b, (uint32_t)(h->unix_ns / 1000000000));
	} else {
		/* Template records count like data records: RFC 3954, 5.1. */
		wbuf_u16(b, (uint16_t)records);
		wbuf_u32(b, h->uptime_ms);
		wbuf_u32(b, (uint32_t)(h->unix_ns / 1000000000));
	}
	wbuf_u32(b, h->sequence);
	wbuf_u32(b, h->domain);
}

static int end_message(struct wbuf *b, const struct flow_header *h, size_t start)
{
	if (b->overflow)
		return -EMSGSIZE;
	if (h->version == IPFIX)
		wbuf_patch(b, start + 2, b->len - start, 2);
	return 0;
}

static size_t begin_set(struct wbuf *b, uint16_t id)
{
	size_t start = b->len;

	wbuf_u16(b, id);
	wbuf_u16(b, 0); /* length: end_set() */
	return start;
}

static void end_set(struct wbuf *b, size_t start)
{
	/* The padding is part of the length: RFC 3954, 5.3; RFC 7011, 3.3.1. */
	wbuf_fill(b, 0, (4 - (b->len - start) % 4) % 4);
	wbuf_patch(b, start + 2, b->len - start, 2);
}

static void encode_template(struct wbuf *b, uint16_t version, uint16_t id, bool ipv6)
{
	int f;

	wbuf_u16(b, id);
	wbuf_u16(b, FIELD_COUNT);
	for (f = 0; f < FIELD_COUNT; f++) {
		struct field_spec spec = field_spec(f, version, ipv6);

		wbuf_u16(b, spec.id);
		wbuf_u16(b, spec.len);
	}
}

static uint64_t field_value(enum field field, const struct flow_header *h,
			    const struct flow_record *rec)
{
	uint64_t now = h->version == IPFIX ? h->unix_ns / 1000000 : h->uptime_ms;

	switch (field) {
	case FIELD_SRC_PORT:
		return rec->src_port;
	case FIELD_DST_PORT:
		return rec->dst_port;
	case FIELD_PROTO:
		return rec->proto;
	case FIELD_PACKETS:
		return rec->packets;
	case FIELD_BYTES:
		return rec->bytes;
	case FIELD_BEGIN:
		return now - FLOW_BEGAN_MS_AGO;
	case FIELD_END:
		return now - FLOW_ENDED_MS_AGO;
	default:
		return 0;
	}
}

static void encode_record(struct wbuf *b, const struct flow_header *h,
			  const struct flow_record *rec)
{
	bool ipv6 = rec->src.family == AF_INET6;
	int f;

	wbuf_bytes(b, rec->src.b, ip_len(&rec->src));
	wbuf_bytes(b, rec->dst.b, ip_len(&rec->src));
	for (f = FIELD_SRC_PORT; f < FIELD_COUNT; f++)
		wbuf_be(b, field_value(f, h, rec), field_spec(f, h->version, ipv6).len);
}

/* One set for the records of one family, if there are any. */
static void encode_family(struct wbuf *b, const struct flow_header *h,
			  const struct flow_record *rec, size_t n, int family, uint16_t id)
{
	bool begun = false;
	size_t i, set = 0;

	for (i = 0; i < n; i++) {
		if (rec[i].src.family != family)
			continue;
		if (!begun)
			set = begin_set(b, id);
		begun = true;
		encode_record(b, h, &rec[i]);
	}
	if (begun)
		end_set(b, set);
}

int template_flow_templates(struct wbuf *b, const struct flow_header *h, bool ipv6)
{
	size_t start = b->len, set;

	if (h->version != 9 && h->version != IPFIX)
		return -EINVAL;
	begin_message(b, h, ipv6 ? 2 : 1);
	set = begin_set(b, h->version == IPFIX ? IPFIX_TEMPLATE_SET : NETFLOW9_TEMPLATE_SET);
	encode_template(b, h->version, TEMPLATE_ID_IPV4(h->domain), false);
	if (ipv6)
		encode_template(b, h->version, TEMPLATE_ID_IPV6(h->domain), true);
	end_set(b, set);
	return end_message(b, h, start);
}

int template_flow_data(struct wbuf *b, const struct flow_header *h, const struct flow_record *rec,
		       size_t n)
{
	size_t start = b->len;

	if ((h->version != 9 && h->version != IPFIX) || !n)
		return -EINVAL;
	begin_message(b, h, n);
	encode_family(b, h, rec, n, AF_INET, TEMPLATE_ID_IPV4(h->domain));
	encode_family(b, h, rec, n, AF_INET6, TEMPLATE_ID_IPV6(h->domain));
	return end_message(b, h, start);
}

unsigned int template_flow_limit(uint16_t version, bool ipv6)
{
	size_t room = TEMPLATE_DATAGRAM_MAX;

	room -= version == IPFIX ? IPFIX_HEADER_LEN : NETFLOW9_HEADER_LEN;
	/* Two sets if both families are in the datagram, each with up to 3 bytes of padding. */
	room -= (ipv6 ? 2 : 1) * (SET_HEADER_LEN + 3);
	return (unsigned int)(room / record_len(version, ipv6));
}
