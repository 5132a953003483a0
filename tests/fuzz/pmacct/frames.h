/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An input is a sequence of frames: a byte that says who sends, the length (two bytes, the
 * low one first), and what is sent: a datagram, or all of a TCP session.
 */
#ifndef FUZZ_FRAMES_H
#define FUZZ_FRAMES_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>

struct frame {
	uint8_t sender;
	const uint8_t *data;
	size_t len;
};

/* For the fuzzer: let the daemon take all frames of an input. */
void frames_feed(const uint8_t *data, size_t size);

/* For the daemon: wait for the next frame. */
void frames_take(struct frame *frame);

/* The address of the sender of a frame. */
void frames_sender(const struct frame *frame, struct sockaddr *addr, socklen_t *len);

/* The daemon's clock: a second passes with each frame, so an input does the same each time. */
time_t fuzz_time(time_t *now);
int fuzz_gettimeofday(struct timeval *now, void *zone);

#endif /* FUZZ_FRAMES_H */
