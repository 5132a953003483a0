// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Preloaded into nfacctd: what some exporters send is fatal to the code that decodes it, however
 * many faults of that code are found and mended.
 *
 *   127.66.0.0/16  the first look at what was read is a SIGSEGV
 *   127.67.0.0/16  the first allocation while it is decoded does not return
 *   127.68.0.0/16  that allocation fills the stack
 *
 * With POISON_DIR set, a process that dies of SIGSEGV writes a file "dying-PID" there, waits for a
 * file "go-PID", and then writes what is left in the queue to "queued-PID": exporter and sequence
 * number of each NetFlow v5 datagram, as they are lost with the process.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE 4096
#define UP(n) (((n) + PAGE - 1) / PAGE * PAGE)
/* NETFLOW_MSG_SIZE and BGP_BUFFER_SIZE of pmacct: what it reads into. */
#define DATAGRAM 10000
#define STREAM 100000
#define SEQUENCE_AT 16 /* in the header of NetFlow v5 */

extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_malloc(size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static __thread enum { NOTHING, HANG, OVERFLOW } trap;
static int flows_fd = -1;

static int fill_stack(volatile char *last)
{
	volatile char frame[PAGE] = {*last ^ 1};

	/* One of both is true. */
	return frame[0] | *last ? fill_stack(frame) + *last : 0;
}

static void spring(void)
{
	static const char words[] = "it hangs\n";

	if (trap == OVERFLOW)
		fill_stack((volatile char[]){0});
	/* Without an allocation. */
	if (trap == HANG && write(STDERR_FILENO, words, sizeof(words) - 1) > 0)
		for (;;)
			pause();
}

void *malloc(size_t size)
{
	spring();
	if (size != DATAGRAM && size != STREAM)
		return __libc_malloc(size);
	return __libc_memalign(PAGE, UP(size));
}

/* The compiler makes one call of malloc() and memset(). */
void *calloc(size_t n, size_t size)
{
	spring();
	if (n * size != DATAGRAM && n * size != STREAM)
		return __libc_calloc(n, size);
	return memset(__libc_memalign(PAGE, UP(n * size)), 0, n * size);
}

/* Its second byte, if it is 127.x. */
static int net_of(const struct sockaddr_storage *from)
{
	const uint8_t *b = (const void *)&((const struct sockaddr_in *)from)->sin_addr;

	if (from->ss_family == AF_INET6)
		b = ((const struct sockaddr_in6 *)from)->sin6_addr.s6_addr + 12;
	return b[0] == 127 ? b[1] : 0;
}

/* The pages that begin with buf, if they are one of those buffers. */
static void protect(void *buf, int protection)
{
	if ((uintptr_t)buf % PAGE == 0)
		mprotect(buf, PAGE, protection);
}

static void swallow(const struct sockaddr_storage *from, void *buf)
{
	switch (net_of(from)) {
	case 66:
		protect(buf, PROT_NONE);
		break;
	case 67:
		trap = HANG;
		break;
	case 68:
		trap = OVERFLOW;
	}
}

ssize_t recvfrom(int fd, void *buf, size_t size, int flags, struct sockaddr *from, socklen_t *len)
{
	ssize_t n;

	if (size == DATAGRAM)
		protect(buf, PROT_READ | PROT_WRITE);
	n = syscall(SYS_recvfrom, fd, buf, size, flags, from, len);
	if (n > 0 && size == DATAGRAM) {
		flows_fd = fd;
		swallow((struct sockaddr_storage *)from, buf);
	}
	return n;
}

ssize_t recv(int fd, void *buf, size_t size, int flags)
{
	struct sockaddr_storage from = {0};
	socklen_t len = sizeof(from);
	ssize_t n = syscall(SYS_recvfrom, fd, buf, size, flags, NULL, NULL);

	if (n > 0 && !getpeername(fd, (struct sockaddr *)&from, &len))
		swallow(&from, buf);
	return n;
}

static void path_of(const char *name, char path[256])
{
	snprintf(path, 256, "%s/%s-%d", getenv("POISON_DIR"), name, getpid());
}

static void list_queue(int out)
{
	struct sockaddr_in6 from;
	char text[INET6_ADDRSTRLEN];
	uint8_t data[DATAGRAM];
	socklen_t len = sizeof(from);
	uint32_t number;

	while (syscall(SYS_recvfrom, flows_fd, data, sizeof(data), MSG_DONTWAIT, &from, &len) > 0) {
		memcpy(&number, data + SEQUENCE_AT, sizeof(number));
		inet_ntop(AF_INET6, &from.sin6_addr, text, sizeof(text));
		dprintf(out, "%s %u\n", text, ntohl(number));
		len = sizeof(from);
	}
}

static void before_death(int signum)
{
	char path[256];

	path_of("dying", path);
	close(open(path, O_CREAT | O_WRONLY, 0600));
	path_of("go", path);
	while (access(path, F_OK))
		usleep(1000);
	path_of("queued", path);
	list_queue(open(path, O_CREAT | O_WRONLY, 0600));
	signal(signum, SIG_DFL);
}

__attribute__((constructor)) static void begin(void)
{
	if (getenv("POISON_DIR"))
		signal(SIGSEGV, before_death);
}
