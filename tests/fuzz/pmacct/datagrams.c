// SPDX-License-Identifier: GPL-2.0-or-later
#include <sanitizer/asan_interface.h>
#include <string.h>

#include "datagrams.h"
#include "frames.h"

/* What is beyond the datagram is from an older one, maybe of another exporter. */
ssize_t fuzz_recvfrom(int fd, void *buf, size_t size, int flags, struct sockaddr *addr,
		      socklen_t *addr_len)
{
	struct frame frame;
	size_t len;

	(void)fd;
	(void)flags;
	frames_take(&frame);
	frames_sender(&frame, addr, addr_len);
	len = frame.len < size ? frame.len : size;
	__asan_unpoison_memory_region(buf, size);
	memcpy(buf, frame.data, len);
	__asan_poison_memory_region((char *)buf + len, size - len);
	return (ssize_t)len;
}
