/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The encoders of pmreuseport-gen: flow formats, BMP, and their bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "gen/bmp_stream.h"
#include "gen/netflow5.h"
#include "gen/template_flow.h"

#define NOW_S 1700000000u
#define UPTIME_MS 3600000u

static const uint8_t net[3] = {203, 0, 113};

static uint64_t be(const uint8_t *p, size_t n)
{
	uint64_t v = 0;

	while (n--)
		v = v << 8 | *p++;
	return v;
}

static struct flow_header header(uint16_t version, uint32_t domain, uint32_t sequence)
{
	return (struct flow_header){
		.version = version,
		.domain = domain,
		.sequence = sequence,
		.unix_ns = NOW_S * 1000000000ull + 123456789,
		.uptime_ms = UPTIME_MS,
	};
}

static void make(struct flow_record *rec, size_t n, bool mixed)
{
	size_t i;

	for (i = 0; i < n; i++)
		flow_record_make(&rec[i], 0x1234, 2, (uint32_t)(0x2fffe + i), net, mixed && i % 2);
}

static int encode(struct wbuf *b, const struct flow_header *h, const struct flow_record *rec,
		  size_t n)
{
	return h->version == 5 ? netflow5_encode(b, h, rec, n) : template_flow_data(b, h, rec, n);
}

static void test_record_names_itself(void **state)
{
	struct flow_record r;
	char text[INET6_ADDRSTRLEN];

	(void)state;
	flow_record_make(&r, 0x1234, 2, 0x30001, net, false);
	assert_string_equal(ip_format(&r.src, text), "10.18.52.3");
	assert_string_equal(ip_format(&r.dst, text), "203.0.113.89");
	assert_int_equal(r.src_port, 1);
	assert_int_equal(r.dst_port, 1024 + 3);
	assert_int_equal(r.packets, 1 + 0x30001 % 7);
	assert_int_equal(r.bytes, r.packets * 100 + 0x1234 % 50);
	flow_record_make(&r, 0x1234, 2, 0x30001, net, true);
	assert_string_equal(ip_format(&r.src, text), "2001:db8:a:1234::3");
	assert_string_equal(ip_format(&r.dst, text), "2001:db8:d:cb00:7100::59");
	flow_record_make(&r, 0, 0, FLOW_NUMBER_MAX, net, false);
	assert_int_equal(r.src_port, 65535);
	assert_int_equal(r.dst_port, 65535);
}

static void test_netflow5(void **state)
{
	struct flow_header h = header(5, 7, 0xfffffff0);
	struct flow_record rec[NETFLOW5_RECORDS_MAX + 1];
	uint8_t data[FLOW_DATAGRAM_MAX + 64], *r;
	struct wbuf b;

	(void)state;
	make(rec, NETFLOW5_RECORDS_MAX + 1, false);
	wbuf_init(&b, data, sizeof(data));
	assert_int_equal(netflow5_encode(&b, &h, rec, 3), 0);
	assert_int_equal(b.len, 24 + 3 * 48);
	assert_int_equal(be(data, 2), 5);
	assert_int_equal(be(data + 2, 2), 3);
	assert_int_equal(be(data + 4, 4), UPTIME_MS);
	assert_int_equal(be(data + 8, 4), NOW_S);
	assert_int_equal(be(data + 12, 4), 123456789);
	assert_int_equal(be(data + 16, 4), 0xfffffff0);
	assert_int_equal(data[21], 7);
	r = data + 24 + 48;
	assert_memory_equal(r, rec[1].src.b, 4);
	assert_memory_equal(r + 4, rec[1].dst.b, 4);
	assert_int_equal(be(r + 16, 4), rec[1].packets);
	assert_int_equal(be(r + 20, 4), rec[1].bytes);
	assert_true(be(r + 24, 4) < be(r + 28, 4) && be(r + 28, 4) < UPTIME_MS);
	assert_int_equal(be(r + 32, 2), rec[1].src_port);
	assert_int_equal(be(r + 34, 2), rec[1].dst_port);
	assert_int_equal(r[38], 17);

	assert_int_equal(netflow5_encode(&b, &h, rec, 0), -EINVAL);
	assert_int_equal(netflow5_encode(&b, &h, rec, NETFLOW5_RECORDS_MAX + 1), -EINVAL);
	make(rec, 2, true);
	assert_int_equal(netflow5_encode(&b, &h, rec, 2), -EINVAL);
}

/* Walk a template record; the length of the data records it describes. */
static size_t template_record(const uint8_t *p, uint16_t id, const uint16_t *fields)
{
	size_t len = 0, i;

	assert_int_equal(be(p, 2), id);
	assert_int_equal(be(p + 2, 2), 9);
	for (i = 0; i < 9; i++) {
		assert_int_equal(be(p + 4 + 4 * i, 2), fields[i]);
		len += be(p + 6 + 4 * i, 2);
	}
	return len;
}

static void check_templates(uint16_t version, size_t head, uint16_t set_id, size_t len4,
			    size_t len6, const uint16_t *f4, const uint16_t *f6)
{
	struct flow_header h = header(version, 3, 42);
	uint8_t data[FLOW_DATAGRAM_MAX];
	struct wbuf b;

	wbuf_init(&b, data, sizeof(data));
	assert_int_equal(template_flow_templates(&b, &h, true), 0);
	assert_int_equal(b.len, head + 4 + 2 * 40);
	assert_int_equal(be(data, 2), version);
	assert_int_equal(be(data + 2, 2), version == 10 ? b.len : 2);
	assert_int_equal(be(data + head - 8, 4), 42);
	assert_int_equal(be(data + head - 4, 4), 3);
	assert_int_equal(be(data + head, 2), set_id);
	assert_int_equal(be(data + head + 2, 2), 4 + 2 * 40);
	assert_int_equal(template_record(data + head + 4, 256 + 3, f4), len4);
	assert_int_equal(template_record(data + head + 44, 512 + 3, f6), len6);
	wbuf_init(&b, data, sizeof(data));
	assert_int_equal(template_flow_templates(&b, &h, false), 0);
	assert_int_equal(b.len, head + 4 + 40);
}

static void test_templates(void **state)
{
	static const uint16_t v9_4[] = {8, 12, 7, 11, 4, 2, 1, 22, 21};
	static const uint16_t v9_6[] = {27, 28, 7, 11, 4, 2, 1, 22, 21};
	static const uint16_t v10_4[] = {8, 12, 7, 11, 4, 2, 1, 152, 153};
	static const uint16_t v10_6[] = {27, 28, 7, 11, 4, 2, 1, 152, 153};

	(void)state;
	check_templates(9, 20, 0, 29, 53, v9_4, v9_6);
	check_templates(10, 16, 2, 37, 61, v10_4, v10_6);
}

/* One data set: its id, its length a multiple of 4, its records in place. */
static const uint8_t *data_set(const uint8_t *p, uint16_t id, size_t records, size_t len,
			       const struct flow_record *first, size_t step)
{
	size_t i, alen = ip_len(&first->src), padded = (4 + records * len + 3) / 4 * 4;

	assert_int_equal(be(p, 2), id);
	assert_int_equal(be(p + 2, 2), padded);
	for (i = 0; i < records; i++) {
		const uint8_t *r = p + 4 + i * len;
		const struct flow_record *rec = &first[i * step];

		assert_memory_equal(r, rec->src.b, alen);
		assert_memory_equal(r + alen, rec->dst.b, alen);
		r += 2 * alen;
		assert_int_equal(be(r, 2), rec->src_port);
		assert_int_equal(be(r + 2, 2), rec->dst_port);
		assert_int_equal(r[4], 17);
		assert_int_equal(be(r + 5, 4), rec->packets);
		assert_int_equal(be(r + 9, 4), rec->bytes);
	}
	return p + padded;
}

static void check_data(uint16_t version, size_t head, size_t len4, size_t len6)
{
	struct flow_header h = header(version, 2, 99);
	uint8_t data[FLOW_DATAGRAM_MAX];
	struct flow_record rec[5];
	const uint8_t *p;
	struct wbuf b;

	make(rec, 5, true);
	wbuf_init(&b, data, sizeof(data));
	assert_int_equal(template_flow_data(&b, &h, rec, 5), 0);
	assert_int_equal(be(data + 2, 2), version == 10 ? b.len : 5);
	assert_int_equal(be(data + head - 8, 4), 99);
	assert_int_equal(be(data + head - 4, 4), 2);
	p = data_set(data + head, 258, 3, len4, rec, 2);
	p = data_set(p, 514, 2, len6, rec + 1, 2);
	assert_ptr_equal(p, data + b.len);
	/* Without IPv6 records there is no second set. */
	make(rec, 5, false);
	wbuf_init(&b, data, sizeof(data));
	assert_int_equal(template_flow_data(&b, &h, rec, 5), 0);
	assert_ptr_equal(data_set(data + head, 258, 5, len4, rec, 1), data + b.len);
	assert_int_equal(template_flow_data(&b, &h, rec, 0), -EINVAL);
}

static void test_data(void **state)
{
	uint8_t data[FLOW_DATAGRAM_MAX];
	struct flow_header h = header(9, 0, 0);
	struct flow_record rec;
	struct wbuf b;

	(void)state;
	check_data(9, 20, 29, 53);
	check_data(10, 16, 37, 61);
	/* Times: uptime in v9, milliseconds since the epoch in IPFIX. */
	make(&rec, 1, false);
	wbuf_init(&b, data, sizeof(data));
	assert_int_equal(template_flow_data(&b, &h, &rec, 1), 0);
	assert_int_equal(be(data + 4, 4), UPTIME_MS);
	assert_int_equal(be(data + 8, 4), NOW_S);
	assert_int_equal(be(data + 24 + 21, 4), UPTIME_MS - 2000);
	assert_int_equal(be(data + 24 + 25, 4), UPTIME_MS - 1000);
	h.version = 10;
	wbuf_init(&b, data, sizeof(data));
	assert_int_equal(template_flow_data(&b, &h, &rec, 1), 0);
	assert_int_equal(be(data + 4, 4), NOW_S);
	assert_int_equal(be(data + 20 + 21, 8), NOW_S * 1000ull + 123 - 2000);
	assert_int_equal(be(data + 20 + 29, 8), NOW_S * 1000ull + 123 - 1000);
	h.version = 8;
	assert_int_equal(template_flow_data(&b, &h, &rec, 1), -EINVAL);
	assert_int_equal(template_flow_templates(&b, &h, false), -EINVAL);
}

static void test_sequence(void **state)
{
	(void)state;
	assert_int_equal(flow_sequence_next(5, 10, 8), 18);
	assert_int_equal(flow_sequence_next(9, 10, 8), 11);
	assert_int_equal(flow_sequence_next(10, 10, 8), 18);
	/* A datagram with templates only. */
	assert_int_equal(flow_sequence_next(9, 10, 0), 11);
	assert_int_equal(flow_sequence_next(10, 10, 0), 10);
	assert_int_equal(flow_sequence_next(10, UINT32_MAX, 2), 1);
}

static int encode_in(size_t cap, const struct flow_header *h, const struct flow_record *rec,
		     size_t n)
{
	uint8_t data[FLOW_DATAGRAM_MAX];
	struct wbuf b;

	wbuf_init(&b, data, cap);
	return encode(&b, h, rec, n);
}

/* What the limit lets through fits, for each mix of families; one more does not. */
static void test_limits(void **state)
{
	static const uint16_t versions[] = {5, 9, 10};
	struct flow_record rec[FLOW_RECORDS_MAX + 1];
	unsigned int limit, v, i;
	size_t cap;

	(void)state;
	for (v = 0; v < 3; v++) {
		struct flow_header h = header(versions[v], 0, 0);

		cap = versions[v] == 5 ? FLOW_DATAGRAM_MAX : TEMPLATE_DATAGRAM_MAX;
		limit = flow_records_limit(versions[v], false);
		assert_in_range(limit, 1, FLOW_RECORDS_MAX);
		make(rec, limit + 1, false);
		assert_int_equal(encode_in(cap, &h, rec, limit), 0);
		assert_true(encode_in(cap, &h, rec, limit + 1) < 0);
		if (versions[v] == 5)
			continue;
		limit = flow_records_limit(versions[v], true);
		make(rec, limit, true);
		assert_int_equal(encode_in(cap, &h, rec, limit), 0);
		for (i = 0; i <= limit; i++)
			flow_record_make(&rec[i], 1, 1, i, net, true);
		assert_int_equal(encode_in(cap, &h, rec, limit), 0);
		assert_true(encode_in(cap, &h, rec, limit + 1) < 0);
	}
}

/* In a buffer of every size: no byte behind it is touched, and too small is said. */
static void test_flow_bounds(void **state)
{
	static const uint16_t versions[] = {5, 9, 10};
	uint8_t data[FLOW_DATAGRAM_MAX + 8];
	struct flow_record rec[4];
	size_t cap, full, v, i;
	struct wbuf b;

	(void)state;
	for (v = 0; v < 3; v++) {
		struct flow_header h = header(versions[v], 0, 0);

		make(rec, 4, versions[v] != 5);
		wbuf_init(&b, data, sizeof(data));
		assert_int_equal(encode(&b, &h, rec, 4), 0);
		full = b.len;
		for (cap = 0; cap <= full; cap++) {
			memset(data, 0xa5, sizeof(data));
			wbuf_init(&b, data, cap);
			assert_int_equal(encode(&b, &h, rec, 4), cap < full ? -EMSGSIZE : 0);
			for (i = cap; i < sizeof(data); i++)
				assert_int_equal(data[i], 0xa5);
		}
	}
}

static const struct bmp_peer peer = {
	.addr = {192, 0, 2, 1},
	.local_addr = {192, 0, 2, 255},
	.as = 70000,
	.local_as = 64499,
	.up_since = NOW_S,
};

/* A common header with a true length; what follows it. */
static const uint8_t *bmp_body(const struct wbuf *b, uint8_t type)
{
	assert_int_equal(b->data[0], 3);
	assert_int_equal(be(b->data + 1, 4), b->len);
	assert_int_equal(b->data[5], type);
	return b->data + BMP_COMMON_LEN;
}

static const uint8_t *per_peer(const uint8_t *p)
{
	static const uint8_t zero[22];

	assert_memory_equal(p, zero, 22); /* type, flags, distinguisher, 12 of the address */
	assert_memory_equal(p + 22, peer.addr, 4);
	assert_int_equal(be(p + 26, 4), 70000);
	assert_memory_equal(p + 30, peer.addr, 4);
	assert_int_equal(be(p + 34, 4), NOW_S);
	return p + BMP_PEER_LEN;
}

static const uint8_t *bgp(const uint8_t *p, uint16_t len, uint8_t type)
{
	size_t i;

	for (i = 0; i < 16; i++)
		assert_int_equal(p[i], 0xff);
	assert_int_equal(be(p + 16, 2), len);
	assert_int_equal(p[18], type);
	return p + 19;
}

static void test_bmp_session_messages(void **state)
{
	uint8_t data[512];
	const uint8_t *p;
	struct wbuf b;

	(void)state;
	wbuf_init(&b, data, sizeof(data));
	assert_int_equal(bmp_initiation(&b, "name", "descr"), 0);
	p = bmp_body(&b, 4);
	assert_memory_equal(p, "\0\1\0\5descr\0\2\0\4name", 17);
	assert_int_equal(b.len, 6 + 17);

	wbuf_init(&b, data, sizeof(data));
	assert_int_equal(bmp_termination(&b, 0), 0);
	p = bmp_body(&b, 5);
	assert_memory_equal(p, "\0\1\0\2\0\0", 6);

	wbuf_init(&b, data, sizeof(data));
	assert_int_equal(bmp_stats_report(&b, &peer, 1000), 0);
	p = per_peer(bmp_body(&b, 1));
	assert_memory_equal(p, "\0\0\0\1\0\7\0\10", 8);
	assert_int_equal(be(p + 8, 8), 1000);
}

static void test_bmp_peer_up(void **state)
{
	const uint8_t *p, *open;
	uint8_t data[512];
	struct wbuf b;

	(void)state;
	wbuf_init(&b, data, sizeof(data));
	assert_int_equal(bmp_peer_up(&b, &peer), 0);
	p = per_peer(bmp_body(&b, 3));
	assert_memory_equal(p + 12, peer.local_addr, 4);
	assert_int_equal(be(p + 16, 2), 179);
	open = bgp(p + 20, 43, 1);
	assert_int_equal(open[0], 4);
	assert_int_equal(be(open + 1, 2), 64499);
	open = bgp(open + 24, 43, 1);
	/* An AS of more than 16 bits: AS_TRANS here, the whole in the capability. */
	assert_int_equal(be(open + 1, 2), 23456);
	assert_memory_equal(open + 5, peer.addr, 4);
	assert_memory_equal(open + 9, "\16\2\14\1\4\0\1\0\1\101\4", 11);
	assert_int_equal(be(open + 20, 4), 70000);
	assert_ptr_equal(open + 24, data + b.len);
}

static void test_bmp_routes(void **state)
{
	struct bmp_table table = {.peers = 1, .routes = 1, .dst_net = {203, 0, 113}};
	struct bmp_route route;
	uint8_t data[512];
	const uint8_t *p;
	struct wbuf b;

	(void)state;
	bmp_route_make(&route, &table, 1007, 0);
	wbuf_init(&b, data, sizeof(data));
	assert_int_equal(bmp_route_monitoring(&b, &peer, &route), 0);
	p = bgp(per_peer(bmp_body(&b, 0)), 19 + 4 + 24 + 4, 2);
	assert_memory_equal(p, "\0\0\0\30\x40\1\1\0\x40\2\12\2\2", 13);
	assert_int_equal(be(p + 13, 4), 64500);
	assert_int_equal(be(p + 17, 4), 64607);
	assert_memory_equal(p + 21, "\x40\3\4\xc0\0\2\1", 7);
	assert_memory_equal(p + 28, "\30\xcb\0\x71", 4);
	assert_ptr_equal(p + 32, data + b.len);

	wbuf_init(&b, data, sizeof(data));
	assert_int_equal(bmp_end_of_rib(&b, &peer), 0);
	p = bgp(per_peer(bmp_body(&b, 0)), 23, 2);
	assert_memory_equal(p, "\0\0\0\0", 4);

	bmp_route_make(&route, &table, 0, 512);
	assert_memory_equal(route.prefix, "\xc6\x13\xff", 4);
	bmp_route_make(&route, &table, 0, 513);
	assert_memory_equal(route.prefix, "\x64\x40\0", 4);
	assert_int_equal(route.prefix_len, 30);
	bmp_route_make(&route, &table, 0, BMP_ROUTES_MAX - 1);
	assert_memory_equal(route.prefix, "\x64\x7f\xff\xfc", 4);
	route.prefix_len = 33;
	assert_int_equal(bmp_route_monitoring(&b, &peer, &route), -EINVAL);
}

/* However small the pieces, the stream is the same, whole messages in each. */
static void test_bmp_stream(void **state)
{
	struct bmp_table table = {.peers = 3, .routes = 7, .stats = true, .dst_net = {1, 2, 3}};
	struct ip_addr addr = {.family = AF_INET, .b = {127, 1, 0, 1}};
	uint8_t whole[8192], piece[8192 + 8];
	uint64_t counts[BMP_TYPE_COUNT];
	struct bmp_stream s;
	struct wbuf all, b;
	size_t cap, at;

	(void)state;
	memset(counts, 0, sizeof(counts));
	bmp_stream_init(&s, &table, 5, &addr, NOW_S);
	wbuf_init(&all, whole, sizeof(whole));
	assert_int_equal(bmp_stream_fill(&s, &all, counts), 0);
	assert_int_equal(counts[BMP_INITIATION], 1);
	assert_int_equal(counts[BMP_PEER_UP], 3);
	assert_int_equal(counts[BMP_ROUTE_MONITORING], 3 * (7 + 1));
	assert_int_equal(counts[BMP_STATS_REPORT], 3);
	for (cap = 160; cap < 1000; cap++) {
		bmp_stream_rewind(&s);
		wbuf_init(&b, piece, cap);
		for (at = 0; at < all.len; at += b.len) {
			memset(piece, 0xa5, sizeof(piece));
			b.len = 0; /* as a session empties it */
			assert_int_equal(bmp_stream_fill(&s, &b, counts), 0);
			assert_in_range(b.len, 1, all.len - at);
			assert_memory_equal(piece, whole + at, b.len);
			assert_int_equal(piece[cap], 0xa5);
		}
	}
	bmp_stream_rewind(&s);
	wbuf_init(&b, piece, 10);
	assert_int_equal(bmp_stream_fill(&s, &b, counts), -EMSGSIZE);
	assert_int_equal(b.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_record_names_itself),
		cmocka_unit_test(test_netflow5),
		cmocka_unit_test(test_templates),
		cmocka_unit_test(test_data),
		cmocka_unit_test(test_sequence),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_flow_bounds),
		cmocka_unit_test(test_bmp_session_messages),
		cmocka_unit_test(test_bmp_peer_up),
		cmocka_unit_test(test_bmp_routes),
		cmocka_unit_test(test_bmp_stream),
	};

	return cmocka_run_group_tests_name("gen_encode", tests, NULL, NULL);
}
