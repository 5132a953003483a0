/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "adopt/find.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

static bool is_of(const struct predecessor *predecessor, const struct candidate *socket)
{
	size_t i;

	for (i = 0; i < predecessor->n; i++)
		if (predecessor->sockets[i].cookie == socket->endpoint.cookie)
			return true;
	return false;
}

/* anywhere: also in another network namespace. */
static bool has_port_of(const struct predecessor *predecessor, const struct candidate *socket,
			bool anywhere)
{
	size_t i;

	for (i = 0; i < predecessor->n; i++)
		if (predecessor->sockets[i].port == socket->port &&
		    (anywhere || pmr_endpoint_same_netns(predecessor->sockets[i].endpoint,
							 socket->endpoint.name)))
			return true;
	return !predecessor->n;
}

/*
 * by_name: it was found by its program and arguments alone. Then a child of the predecessor,
 * which has the same sockets, is not its successor, nor is a process in another network
 * namespace.
 */
static bool is_in_place_of(const struct predecessor *predecessor, const struct candidates *fit,
			   bool by_name)
{
	size_t i;

	for (i = 0; i < fit->n; i++)
		if (has_port_of(predecessor, &fit->list[i], !by_name) &&
		    !(by_name && is_of(predecessor, &fit->list[i])))
			return true;
	return false;
}

static int find_by_pidfile(const struct adopt *adopt, const struct predecessor *predecessor,
			   struct process *process, struct pmreuseport_error *error)
{
	struct candidates fit;
	int err;

	err = adopt_open(adopt, process, error);
	if (err)
		return err;
	err = candidates_find(process, &adopt->ports, &fit, error);
	if (!err)
		err = candidates_check(process, &adopt->ports, true, &fit, error);
	if (!err && !is_in_place_of(predecessor, &fit, false))
		err = pmr_error(error, -ESRCH,
				"process %d (%s) has none of the ports open that were adopted "
				"before",
				"see what %.200s says", (int)process->id.pid, process->id.comm,
				adopt->pidfile);
	candidates_close(&fit);
	if (err)
		process_close(process);
	return err;
}

/* 1: the process looks like the successor. */
static int look_at(const struct adopt *adopt, const struct predecessor *predecessor, pid_t pid,
		   struct process *process, struct pmreuseport_error *error)
{
	struct identity identity;
	struct candidates fit;
	bool in_place;
	int ret;

	if (identity_read(&identity, pid, NULL) ||
	    !identity_is_same(&identity, &predecessor->identity) ||
	    process_open(process, pid, NULL))
		return 0;
	ret = candidates_find(process, &adopt->ports, &fit, error);
	in_place = is_in_place_of(predecessor, &fit, true);
	candidates_close(&fit);
	/* It has ended, or has too many sockets, but on other ports. */
	if (!ret || ret == -ESRCH || (ret == -E2BIG && !in_place))
		ret = !ret && in_place;
	if (ret != 1)
		process_close(process);
	return ret;
}

static int find_by_identity(const struct adopt *adopt, const struct predecessor *predecessor,
			    struct process *process, struct pmreuseport_error *error)
{
	struct process other;
	struct dirent *entry;
	int ret = 0;
	DIR *dir;

	process->pidfd = -1;
	dir = opendir("/proc");
	if (!dir)
		return pmr_error(error, -errno, "cannot list /proc", "mount it");
	while (ret >= 0 && (entry = readdir(dir))) {
		if (entry->d_name[0] < '0' || entry->d_name[0] > '9')
			continue;
		ret = look_at(adopt, predecessor, atoi(entry->d_name), &other, error);
		if (ret != 1)
			continue;
		if (process->pidfd < 0) {
			*process = other;
			continue;
		}
		ret = pmr_error(error, -EEXIST,
				"processes %d and %d (%s) run the same program with the same "
				"arguments",
				"say which is meant with --pidfile", (int)process->id.pid,
				(int)other.id.pid, other.id.comm);
		process_close(&other);
	}
	closedir(dir);
	if (ret < 0)
		process_close(process);
	else if (process->pidfd < 0)
		ret = pmr_error(error, -ESRCH,
				"no process runs %.400s with the arguments of before and has "
				"opened its ports",
				"start it", predecessor->identity.exe);
	return ret < 0 ? ret : 0;
}

int adopt_find(const struct adopt *adopt, const struct predecessor *predecessor,
	       struct process *process, struct pmreuseport_error *error)
{
	return adopt->pidfile ? find_by_pidfile(adopt, predecessor, process, error)
			      : find_by_identity(adopt, predecessor, process, error);
}
