/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A write cursor over a fixed buffer. A write that does not fit changes
 * nothing and sets 'overflow', so an encoder can write a whole message and
 * check once at its end.
 */
#ifndef GEN_WRITE_BUFFER_H
#define GEN_WRITE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct wbuf {
	uint8_t *data;
	size_t cap;
	size_t len;
	bool overflow;
};

static inline void wbuf_init(struct wbuf *b, void *data, size_t cap)
{
	b->data = data;
	b->cap = cap;
	b->len = 0;
	b->overflow = false;
}

static inline uint8_t *wbuf_take(struct wbuf *b, size_t n)
{
	uint8_t *at;

	if (b->overflow || n > b->cap - b->len) {
		b->overflow = true;
		return NULL;
	}
	at = b->data + b->len;
	b->len += n;
	return at;
}

static inline void wbuf_bytes(struct wbuf *b, const void *src, size_t n)
{
	uint8_t *at = wbuf_take(b, n);

	if (at && n)
		memcpy(at, src, n);
}

static inline void wbuf_fill(struct wbuf *b, uint8_t value, size_t n)
{
	uint8_t *at = wbuf_take(b, n);

	if (at && n)
		memset(at, value, n);
}

/* The low 'n' bytes of 'value' in network order. */
static inline void wbuf_be(struct wbuf *b, uint64_t value, size_t n)
{
	uint8_t *at = wbuf_take(b, n);

	if (!at)
		return;
	while (n--) {
		at[n] = (uint8_t)value;
		value >>= 8;
	}
}

static inline void wbuf_u8(struct wbuf *b, uint8_t value)
{
	wbuf_be(b, value, 1);
}

static inline void wbuf_u16(struct wbuf *b, uint16_t value)
{
	wbuf_be(b, value, 2);
}

static inline void wbuf_u32(struct wbuf *b, uint32_t value)
{
	wbuf_be(b, value, 4);
}

static inline void wbuf_u64(struct wbuf *b, uint64_t value)
{
	wbuf_be(b, value, 8);
}

/* Overwrite 'n' bytes that were written before, e.g. a length field. */
static inline void wbuf_patch(struct wbuf *b, size_t at, uint64_t value, size_t n)
{
	if (b->overflow || n > b->len || at > b->len - n)
		return;
	while (n--) {
		b->data[at + n] = (uint8_t)value;
		value >>= 8;
	}
}

#endif
