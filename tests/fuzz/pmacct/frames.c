// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "coroutine.h"
#include "frames.h"

enum {
	HEADER = 3,
	/* When each input begins, in seconds. */
	START = 1700000000,
};

static const uint8_t *next;
static size_t left;
static time_t taken;

void frames_feed(const uint8_t *data, size_t size)
{
	next = data;
	left = size;
	taken = 0;
	coroutine_resume();
	if (left >= HEADER)
		abort();
}

void frames_take(struct frame *frame)
{
	while (left < HEADER)
		coroutine_yield();

	taken++;
	frame->sender = next[0];
	frame->len = next[1] | next[2] << 8;
	next += HEADER;
	left -= HEADER;
	if (frame->len > left)
		frame->len = left;
	frame->data = next;
	next += frame->len;
	left -= frame->len;
}

time_t fuzz_time(time_t *now)
{
	time_t seconds = START + taken;

	if (now)
		*now = seconds;
	return seconds;
}

int fuzz_gettimeofday(struct timeval *now, void *zone)
{
	(void)zone;
	now->tv_sec = fuzz_time(NULL);
	now->tv_usec = 0;
	return 0;
}

/* Four exporters: two IPv4 ones, which a dual-stack socket sees as mapped, and two others. */
void frames_sender(const struct frame *frame, struct sockaddr *addr, socklen_t *len)
{
	static const char *const senders[] = {"::ffff:192.0.2.1", "::ffff:192.0.2.2", "2001:db8::1",
					      "2001:db8::2"};
	struct sockaddr_in6 sender = {.sin6_family = AF_INET6, .sin6_port = htons(40000)};

	inet_pton(AF_INET6, senders[frame->sender % 4], &sender.sin6_addr);
	memset(addr, 0, sizeof(struct sockaddr_storage));
	memcpy(addr, &sender, sizeof(sender));
	*len = sizeof(sender);
}
