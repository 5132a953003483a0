// SPDX-License-Identifier: GPL-2.0-or-later
#include <sanitizer/asan_interface.h>
#include <stdbool.h>

/* Has to come before the other headers of pmacct. */
#include "pmacct.h"

#include "bgp/bgp.h"

#include "frames.h"
#include "sessions.h"

enum {
	/* With this bit in the first byte of a frame, recv() returns little at a time. */
	TRICKLE = 0x80,
	TRICKLE_LEN = 7,
	GUARD = 1024,
};

static struct frame session;
static size_t taken;
static int session_fd = -1;
/* That of all sessions, as there is one at a time: to open a file for each takes time. */
static int null_fd = -1;
static bool waiting;
static struct epoll_event listen_event, session_event;
/* The one that the daemon reads this session into. */
static char *buffer;

/* Is there a session to accept? If not, there is one to read. */
static bool next_session(void)
{
	if (session_fd >= 0)
		return false;
	if (!waiting)
		frames_take(&session);
	taken = 0;
	waiting = true;
	return true;
}

int fuzz_accept(int fd, struct sockaddr *addr, socklen_t *addr_len)
{
	(void)fd;
	if (!waiting) {
		errno = EAGAIN;
		return -1;
	}
	waiting = false;
	buffer = NULL;
	frames_sender(&session, addr, addr_len);
	if (null_fd < 0)
		null_fd = open("/dev/null", O_RDWR);
	if (null_fd < 0)
		abort();
	session_fd = null_fd;
	return session_fd;
}

/* What is beyond a message in the buffer of the session is from an older message. */
static void guard_buffer(char *end)
{
	size_t len = GUARD;

	if (!buffer)
		return;
	if (end + len > buffer + BGP_BUFFER_SIZE)
		len = buffer + BGP_BUFFER_SIZE - end;
	__asan_poison_memory_region(end, len);
}

ssize_t fuzz_recv(int fd, void *buf, size_t size, int flags)
{
	size_t len = session.len - taken;

	(void)fd;
	if (!taken && !(flags & MSG_PEEK))
		buffer = buf;
	__asan_unpoison_memory_region(buf, size);
	if (session.sender & TRICKLE && size > TRICKLE_LEN)
		size = TRICKLE_LEN;
	if (len > size)
		len = size;
	memcpy(buf, session.data + taken, len);
	if (!(flags & MSG_PEEK))
		taken += len;
	guard_buffer((char *)buf + len);
	return (ssize_t)len;
}

int fuzz_close(int fd)
{
	if (fd != session_fd)
		return close(fd);
	session_fd = -1;
	return 0;
}

int fuzz_fcntl(int fd, int command, ...)
{
	va_list args;
	void *value;

	if (fd == session_fd)
		return 0;
	va_start(args, command);
	value = va_arg(args, void *);
	va_end(args);
	return fcntl(fd, command, value);
}

ssize_t fuzz_send(int fd, const void *buf, size_t size, int flags)
{
	(void)fd;
	(void)buf;
	(void)flags;
	return (ssize_t)size;
}

/* The listening socket is the one in the set that is not the session. */
static int select_one(int fds, fd_set *to_read)
{
	bool listening = next_session();
	int fd;

	for (fd = 0; fd < fds; fd++) {
		if ((fd == session_fd) == listening)
			FD_CLR(fd, to_read);
	}
	return 1;
}

int fuzz_select(int fds, fd_set *to_read, fd_set *to_write, fd_set *except, struct timeval *timeout)
{
	(void)to_write;
	(void)except;
	(void)timeout;
	return select_one(fds, to_read);
}

int fuzz_pselect(int fds, fd_set *to_read, fd_set *to_write, fd_set *except,
		 const struct timespec *timeout, const sigset_t *mask)
{
	(void)to_write;
	(void)except;
	(void)timeout;
	(void)mask;
	return select_one(fds, to_read);
}

int fuzz_epoll_ctl(int epoll_fd, int operation, int fd, struct epoll_event *event)
{
	(void)epoll_fd;
	if (operation == EPOLL_CTL_ADD)
		*(fd == session_fd ? &session_event : &listen_event) = *event;
	return 0;
}

int fuzz_epoll_pwait(int epoll_fd, struct epoll_event *events, int size, int timeout,
		     const sigset_t *mask)
{
	(void)epoll_fd;
	(void)size;
	(void)timeout;
	(void)mask;
	*events = next_session() ? listen_event : session_event;
	return 1;
}
