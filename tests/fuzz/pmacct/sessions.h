/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames as TCP sessions, one after the other: connection, data, end. */
#ifndef FUZZ_SESSIONS_H
#define FUZZ_SESSIONS_H

#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>

int fuzz_accept(int fd, struct sockaddr *addr, socklen_t *addr_len);
int fuzz_close(int fd);
int fuzz_fcntl(int fd, int command, ...);
ssize_t fuzz_recv(int fd, void *buf, size_t size, int flags);
ssize_t fuzz_send(int fd, const void *buf, size_t size, int flags);

/* One descriptor is ready: that of the session, or the listening one if there is none. */
int fuzz_select(int fds, fd_set *to_read, fd_set *to_write, fd_set *except,
		struct timeval *timeout);
int fuzz_pselect(int fds, fd_set *to_read, fd_set *to_write, fd_set *except,
		 const struct timespec *timeout, const sigset_t *mask);
int fuzz_epoll_ctl(int epoll_fd, int operation, int fd, struct epoll_event *event);
int fuzz_epoll_pwait(int epoll_fd, struct epoll_event *events, int size, int timeout,
		     const sigset_t *mask);

#endif /* FUZZ_SESSIONS_H */
