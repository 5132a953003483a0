/* SPDX-License-Identifier: GPL-2.0-or-later */
/* udp_payload(): good frames, frames cut at every length, and odd ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pcap/dlt.h>
#include <stdlib.h>
#include <string.h>

#include "gen/udp_payload.h"

#define PAYLOAD "payload"
#define PAYLOAD_LEN 7

#define ETH "\2\0\0\0\0\1\2\0\0\0\0\2"
#define IPV4(len, frag, proto) "\x45\0\0" len "\0\0" frag "\x40" proto "\0\0\x0a\1\2\3\x7f\0\0\1"
#define IPV6(len, next)                          \
	"\x60\0\0\0\0" len next "\x40"           \
	"\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1" \
	"\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\2"
#define UDP(len) "\x11\x5c\x08\x07\0" len "\0\0"

struct sample {
	const char *name;
	int dlt;
	const char *bytes;
	size_t len;
	int verdict;
};

#define SAMPLE(name, dlt, bytes, verdict)                    \
	{                                                    \
		name, dlt, bytes, sizeof(bytes) - 1, verdict \
	}

static const struct sample good[] = {
	SAMPLE("Ethernet", DLT_EN10MB,
	       ETH "\x08\0" IPV4("\x23", "\0\0", "\x11") UDP("\x0f") PAYLOAD, UDP_OK),
	SAMPLE("VLAN", DLT_EN10MB,
	       ETH "\x81\0\0\5\x08\0" IPV4("\x23", "\0\0", "\x11") UDP("\x0f") PAYLOAD, UDP_OK),
	SAMPLE("two tags", DLT_EN10MB,
	       ETH "\x88\xa8\0\5\x81\0\0\6\x86\xdd" IPV6("\x0f", "\x11") UDP("\x0f") PAYLOAD,
	       UDP_OK),
	SAMPLE("don't fragment", DLT_RAW, IPV4("\x23", "\x40\0", "\x11") UDP("\x0f") PAYLOAD,
	       UDP_OK),
	SAMPLE("raw IPv6", DLT_RAW, IPV6("\x0f", "\x11") UDP("\x0f") PAYLOAD, UDP_OK),
	SAMPLE("raw, as in files", 101, IPV6("\x0f", "\x11") UDP("\x0f") PAYLOAD, UDP_OK),
	SAMPLE("IPv4", DLT_IPV4, IPV4("\x23", "\0\0", "\x11") UDP("\x0f") PAYLOAD, UDP_OK),
	SAMPLE("IPv6", DLT_IPV6, IPV6("\x0f", "\x11") UDP("\x0f") PAYLOAD, UDP_OK),
	SAMPLE("cooked", DLT_LINUX_SLL,
	       "\0\0\0\1\0\6\2\0\0\0\0\1\0\0\x08\0" IPV4("\x23", "\0\0", "\x11") UDP("\x0f")
		       PAYLOAD,
	       UDP_OK),
	SAMPLE("cooked 2", DLT_LINUX_SLL2,
	       "\x86\xdd\0\0\0\0\0\1\0\1\0\6\2\0\0\0\0\1\0\0" IPV6("\x0f", "\x11") UDP("\x0f")
		       PAYLOAD,
	       UDP_OK),
	SAMPLE("IPv4 options", DLT_RAW,
	       "\x46\0\0\x27\0\0\0\0\x40\x11\0\0\x0a\1\2\3\x7f\0\0\1\1\1\1\1" UDP("\x0f") PAYLOAD,
	       UDP_OK),
	SAMPLE("extensions", DLT_RAW,
	       IPV6("\x2f", "\0") "\x3c\0\1\4\0\0\0\0"
				  "\x2b\1\1\x0c\0\0\0\0\0\0\0\0\0\0\0\0"
				  "\x11\0\0\0\0\0\0\0" UDP("\x0f") PAYLOAD,
	       UDP_OK),
	SAMPLE("atomic fragment", DLT_RAW,
	       IPV6("\x17", "\x2c") "\x11\0\0\0\0\0\0\1" UDP("\x0f") PAYLOAD, UDP_OK),
};

static const struct sample odd[] = {
	SAMPLE("first fragment", DLT_RAW, IPV4("\x23", "\x20\0", "\x11") UDP("\x0f") PAYLOAD,
	       UDP_FRAGMENT),
	SAMPLE("later fragment", DLT_RAW, IPV4("\x23", "\0\5", "\x11") UDP("\x0f") PAYLOAD,
	       UDP_FRAGMENT),
	SAMPLE("IPv6 fragment", DLT_RAW,
	       IPV6("\x17", "\x2c") "\x11\0\0\1\0\0\0\1" UDP("\x0f") PAYLOAD, UDP_FRAGMENT),
	SAMPLE("TCP", DLT_RAW, IPV4("\x23", "\0\0", "\6") UDP("\x0f") PAYLOAD, UDP_NOT_UDP),
	SAMPLE("ICMPv6", DLT_RAW, IPV6("\x0f", "\x3a") UDP("\x0f") PAYLOAD, UDP_NOT_UDP),
	SAMPLE("ARP", DLT_EN10MB, ETH "\x08\6\0\1", UDP_NOT_UDP),
	SAMPLE("IPv4 header too short", DLT_RAW,
	       "\x44\0\0\x23\0\0\0\0\x40\x11\0\0\x0a\1\2\3\x7f\0\0\1" UDP("\x0f") PAYLOAD,
	       UDP_MALFORMED),
	SAMPLE("total below header", DLT_RAW, IPV4("\x13", "\0\0", "\x11") UDP("\x0f") PAYLOAD,
	       UDP_MALFORMED),
	SAMPLE("no room for UDP", DLT_RAW, IPV4("\x1b", "\0\0", "\x11") UDP("\x0f") PAYLOAD,
	       UDP_MALFORMED),
	SAMPLE("UDP length 7", DLT_RAW, IPV4("\x23", "\0\0", "\x11") UDP("\7") PAYLOAD,
	       UDP_MALFORMED),
	SAMPLE("UDP beyond IP", DLT_RAW, IPV4("\x23", "\0\0", "\x11") UDP("\x10") PAYLOAD "x",
	       UDP_MALFORMED),
	SAMPLE("extension beyond IP", DLT_RAW,
	       IPV6("\x17", "\0") "\x11\3\0\0\0\0\0\0" UDP("\x0f") PAYLOAD, UDP_MALFORMED),
	SAMPLE("neither 4 nor 6", DLT_RAW, "\x75" PAYLOAD "0123456789012345", UDP_MALFORMED),
	SAMPLE("link type", DLT_NULL, IPV4("\x23", "\0\0", "\x11") UDP("\x0f") PAYLOAD,
	       UDP_UNSUPPORTED),
};

/* Parse a copy that ends where its heap block ends: sanitizers see one byte too many. */
static int parse(const struct sample *s, size_t len, struct udp_view *view, uint8_t **copy)
{
	*copy = malloc(len ? len : 1);
	assert_non_null(*copy);
	memcpy(*copy, s->bytes, len);
	return udp_payload(*copy, len, s->dlt, view);
}

static void check_good(const struct sample *s, const struct udp_view *v, const uint8_t *frame,
		       size_t len)
{
	static const uint8_t src6[16] = {0x20, 1, 0x0d, 0xb8, [15] = 1};
	static const uint8_t dst6[16] = {0x20, 1, 0x0d, 0xb8, [15] = 2};
	bool v6 = v->src.family == AF_INET6;

	print_message("%s\n", s->name);
	assert_memory_equal(v->src.b, v6 ? src6 : (const uint8_t *)"\x0a\1\2\3", v6 ? 16 : 4);
	assert_memory_equal(v->dst.b, v6 ? dst6 : (const uint8_t *)"\x7f\0\0\1", v6 ? 16 : 4);
	assert_int_equal(v->src_port, 4444);
	assert_int_equal(v->dst_port, 2055);
	assert_int_equal(v->len, PAYLOAD_LEN);
	assert_true(v->payload >= frame && v->payload + v->len <= frame + len);
	assert_memory_equal(v->payload, PAYLOAD, PAYLOAD_LEN);
}

static void test_good(void **state)
{
	struct udp_view view;
	uint8_t *copy;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(parse(&good[i], good[i].len, &view, &copy), UDP_OK);
		check_good(&good[i], &view, copy, good[i].len);
		free(copy);
	}
}

static void test_truncated(void **state)
{
	struct udp_view view, before;
	uint8_t *copy;
	size_t i, len;

	(void)state;
	memset(&before, 0x5a, sizeof(before));
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		for (len = 0; len < good[i].len; len++) {
			view = before;
			assert_int_equal(parse(&good[i], len, &view, &copy), UDP_TRUNCATED);
			assert_memory_equal(&view, &before, sizeof(view));
			free(copy);
		}
	}
}

static void test_odd(void **state)
{
	struct udp_view view;
	uint8_t *copy;
	size_t i, len;
	int ret;

	(void)state;
	for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		print_message("%s\n", odd[i].name);
		assert_int_equal(parse(&odd[i], odd[i].len, &view, &copy), odd[i].verdict);
		free(copy);
		for (len = 0; len < odd[i].len; len++) {
			ret = parse(&odd[i], len, &view, &copy);
			assert_int_not_equal(ret, UDP_OK);
			free(copy);
		}
	}
}

/* Ethernet pads short frames: the IP length decides what is payload. */
static void test_padding(void **state)
{
	struct sample padded =
		SAMPLE("padding", DLT_EN10MB,
		       ETH "\x08\0" IPV4("\x23", "\0\0", "\x11") UDP("\x0f") PAYLOAD "\0\0\0\0\0\0",
		       UDP_OK);
	struct udp_view view;
	uint8_t *copy;

	(void)state;
	assert_int_equal(parse(&padded, padded.len, &view, &copy), UDP_OK);
	check_good(&padded, &view, copy, padded.len);
	free(copy);
}

/* Each byte of each good frame turned into other values: any verdict, no stray view. */
static void test_changed_bytes(void **state)
{
	static const uint8_t values[] = {0, 1, 0x0f, 0x2c, 0x3c, 0x7f, 0x80, 0xff};
	struct udp_view view;
	uint8_t *copy;
	size_t i, at, v;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		for (at = 0; at < good[i].len; at++) {
			for (v = 0; v < sizeof(values); v++) {
				parse(&good[i], good[i].len, &view, &copy);
				copy[at] = values[v];
				if (udp_payload(copy, good[i].len, good[i].dlt, &view) == UDP_OK)
					assert_true(view.payload >= copy &&
						    view.payload + view.len <= copy + good[i].len);
				free(copy);
			}
		}
	}
}

static void test_link_types(void **state)
{
	(void)state;
	assert_true(udp_payload_knows(DLT_EN10MB));
	assert_true(udp_payload_knows(DLT_LINUX_SLL2));
	assert_false(udp_payload_knows(DLT_NULL));
	assert_false(udp_payload_knows(-1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),	      cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_odd),	      cmocka_unit_test(test_padding),
		cmocka_unit_test(test_changed_bytes), cmocka_unit_test(test_link_types),
	};

	return cmocka_run_group_tests_name("gen_pcap", tests, NULL, NULL);
}
