/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "adopt/candidates.h"

#include "adopt/process_sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

bool ports_have(const struct ports *ports, unsigned int port)
{
	size_t i;

	for (i = 0; i < ports->n; i++)
		if (ports->list[i] == port)
			return true;
	return !ports->n;
}

/* The ports that the kernel gives to sockets without one. */
struct ephemeral {
	unsigned int first, last;
};

static int read_range(struct ephemeral *range)
{
	FILE *file = fopen("/proc/sys/net/ipv4/ip_local_port_range", "re");
	int n;

	if (!file)
		return -errno;
	n = fscanf(file, "%u %u", &range->first, &range->last);
	fclose(file);
	return n == 2 ? 0 : -EIO;
}

/* Each network namespace has its own, and /proc/sys shows that of the reader. */
static int read_range_of(const struct process *process, struct ephemeral *range)
{
	struct stat own, other;
	char path[64];
	int here, err;

	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)process->id.pid);
	here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (here < 0 || fstat(here, &own)) {
		err = -errno;
	} else if (stat(path, &other)) {
		err = errno == ENOENT ? -ESRCH : -errno;
	} else if (own.st_dev == other.st_dev && own.st_ino == other.st_ino) {
		err = read_range(range);
	} else if (setns(process->pidfd, CLONE_NEWNET)) {
		err = -errno;
	} else {
		err = read_range(range);
		/* In the wrong namespace, everything that follows would be wrong. */
		if (setns(here, CLONE_NEWNET))
			abort();
	}
	if (here >= 0)
		close(here);
	return err;
}

static int find_ephemeral(const struct process *process, struct ephemeral *range,
			  struct pmreuseport_error *error)
{
	int err = read_range_of(process, range);

	if (!err || err == -EACCES)
		return err ? process_refused(process, err, error) : 0;
	if (err == -ESRCH)
		return err;
	return pmr_error(error, err,
			 "cannot tell which ports of process %d (%s) were chosen by the kernel "
			 "(%s)",
			 "name those to adopt with --port", (int)process->id.pid, process->id.comm,
			 strerror(-err));
}

static int option_of(int fd, int option)
{
	int value = 0;

	return getsockopt(fd, SOL_SOCKET, option, &value, &(socklen_t){sizeof(value)}) ? -1 : value;
}

static unsigned int port_of(int fd)
{
	struct sockaddr_storage addr = {0};

	if (getsockname(fd, (struct sockaddr *)&addr, &(socklen_t){sizeof(addr)}))
		return 0;
	if (addr.ss_family == AF_INET)
		return ntohs(((struct sockaddr_in *)&addr)->sin_port);
	if (addr.ss_family == AF_INET6)
		return ntohs(((struct sockaddr_in6 *)&addr)->sin6_port);
	return 0;
}

static bool is_connected(int fd)
{
	struct sockaddr_storage addr;

	return !getpeername(fd, (struct sockaddr *)&addr, &(socklen_t){sizeof(addr)});
}

static enum fitness fitness_of(int fd, int protocol)
{
	if (protocol == IPPROTO_TCP && option_of(fd, SO_ACCEPTCONN) != 1)
		return FITNESS_SESSION;
	if (protocol == IPPROTO_UDP && is_connected(fd))
		return FITNESS_SESSION;
	return option_of(fd, SO_REUSEPORT) > 0 ? FITNESS_FIT : FITNESS_ALONE;
}

static void note(struct candidates *fit, const struct ports *ports, unsigned int port,
		 enum fitness fitness)
{
	struct finding *finding;
	size_t i;

	for (i = 0; i < ports->n && ports->list[i] != port; i++)
		;
	finding = &fit->findings[ports->n ? i : 0];
	if (fitness > finding->fitness)
		*finding = (struct finding){fitness, port};
}

/* 1: the socket was added to the list. 0: it was in the list. */
static int add(struct candidates *fit, int fd, unsigned int port, const struct process *process,
	       struct pmreuseport_error *error)
{
	struct candidate *added = &fit->list[fit->n];
	size_t i;
	int err;

	if (fit->n == CANDIDATES_MAX)
		return pmr_error(error, -E2BIG,
				 "process %d (%s) has more than %d sockets with SO_REUSEPORT",
				 "name the ports to adopt with --port", (int)process->id.pid,
				 process->id.comm, CANDIDATES_MAX);
	err = pmr_endpoint_inspect(fd, &added->endpoint, error);
	if (err)
		return err;
	for (i = 0; i < fit->n; i++) {
		if (fit->list[i].endpoint.cookie == added->endpoint.cookie)
			return 0;
		if (!strcmp(fit->list[i].endpoint.name, added->endpoint.name))
			return pmr_error(error, -E2BIG,
					 "process %d (%s) has several sockets on %s, but a hash "
					 "bucket is for one",
					 "let it open one, or name other ports with --port",
					 (int)process->id.pid, process->id.comm,
					 added->endpoint.name);
	}
	added->fd = fd;
	added->port = port;
	fit->n++;
	return 1;
}

struct search {
	struct candidates *fit;
	const struct process *process;
	const struct ports *ports;
	struct ephemeral ephemeral;
};

static bool is_asked_for(const struct search *search, int protocol, unsigned int port)
{
	if (!port || !ports_have(search->ports, port))
		return false;
	if (protocol != IPPROTO_UDP)
		return protocol == IPPROTO_TCP;
	return search->ports->n || port < search->ephemeral.first || port > search->ephemeral.last;
}

static int consider(int fd, void *context, struct pmreuseport_error *error)
{
	const struct search *search = context;
	const int protocol = option_of(fd, SO_PROTOCOL);
	const unsigned int port = port_of(fd);
	enum fitness fitness;
	int ret = 0;

	if (is_asked_for(search, protocol, port)) {
		fitness = fitness_of(fd, protocol);
		note(search->fit, search->ports, port, fitness);
		if (fitness == FITNESS_FIT)
			ret = add(search->fit, fd, port, search->process, error);
	}
	if (ret != 1)
		close(fd);
	return ret < 0 ? ret : 0;
}

int candidates_find(const struct process *process, const struct ports *ports,
		    struct candidates *fit, struct pmreuseport_error *error)
{
	struct search search = {.fit = fit, .process = process, .ports = ports};
	int err = 0;

	memset(fit, 0, sizeof(*fit));
	if (!ports->n)
		err = find_ephemeral(process, &search.ephemeral, error);
	return err ? err : process_each_socket(process, consider, &search, error);
}

static int say(const struct process *process, const struct finding *finding, unsigned int port,
	       struct pmreuseport_error *error)
{
	const int pid = process->id.pid;
	const char *comm = process->id.comm;

	switch (finding->fitness) {
	case FITNESS_ALONE:
		return pmr_error(error, -ENOENT,
				 "port %u is open in process %d (%s) but without SO_REUSEPORT, so "
				 "no other process can share it",
				 "check whether its configuration can set that", finding->port, pid,
				 comm);
	case FITNESS_SESSION:
		return pmr_error(error, -ENOENT,
				 "process %d (%s) has connections on port %u but does not listen "
				 "there",
				 "give the pid of the one that does", pid, comm, finding->port);
	default:
		if (port)
			return pmr_error(error, -ENOENT,
					 "process %d (%s) has nothing open on port %u",
					 "list the sockets with: ss -lnp", pid, comm, port);
		return pmr_error(error, -ENOENT,
				 "process %d (%s) has no socket with SO_REUSEPORT that could be in "
				 "a hash bucket",
				 "list the sockets with: ss -lnp", pid, comm);
	}
}

int candidates_check(const struct process *process, const struct ports *ports, bool later,
		     const struct candidates *fit, struct pmreuseport_error *error)
{
	const size_t n = ports->n ? ports->n : 1;
	size_t i;

	for (i = 0; i < n; i++) {
		const struct finding *finding = &fit->findings[i];

		if (finding->fitness == FITNESS_FIT)
			continue;
		if (finding->fitness == FITNESS_ALONE || !later || !fit->n)
			return say(process, finding, ports->n ? ports->list[i] : 0, error);
	}
	return 0;
}

void candidates_close(struct candidates *fit)
{
	while (fit->n)
		close(fit->list[--fit->n].fd);
}
