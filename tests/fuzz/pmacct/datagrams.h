/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames as datagrams. */
#ifndef FUZZ_DATAGRAMS_H
#define FUZZ_DATAGRAMS_H

#include <sys/socket.h>

ssize_t fuzz_recvfrom(int fd, void *buf, size_t size, int flags, struct sockaddr *addr,
		      socklen_t *addr_len);

#endif /* FUZZ_DATAGRAMS_H */
