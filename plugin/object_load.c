// SPDX-License-Identifier: GPL-2.0-or-later
/* Loads an object into the kernel. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include <bpf/libbpf.h>

#include "error.h"
#include "libbpf_log.h"
#include "object_load.h"
#include "user_ns.h"

static int load_error(const struct pmr_object *object, int err, struct pmr_log *log,
		      struct pmreuseport_error *error)
{
	struct utsname host = {0};

	if (err == -EPERM)
		return pmr_error(error, err,
				 "the kernel does not let this process load BPF programs (%s)",
				 "%s", strerror(-err), pmr_bpf_advice());

	if (err == -EMFILE || err == -ENFILE || err == -ENOMEM)
		return pmr_error(error, err, "cannot load object %.200s (%s)",
				 "raise the limit of open files or of memory", object->name,
				 strerror(-err));

	if (libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_SK_REUSEPORT, NULL) != 1) {
		uname(&host);
		return pmr_error(error, -ENOTSUP, "kernel %s has no sk_reuseport BPF programs (%s)",
				 "use Linux 5.14 or newer", host.release, strerror(-err));
	}

	return pmr_error(error, err, "the kernel refused program \"%s\" of object %.200s (%s)",
			 "correct the object: %s", PMR_SELECTOR, object->name, strerror(-err),
			 pmr_log_tail(log));
}

/*
 * Calls libbpf with its output captured: the error, if any, is in the log. The verifier stops
 * with -EAGAIN at a pending signal (kernel/bpf/verifier.c, do_check()), which a process with
 * a timer, such as a profiler's, always has: so this thread takes signals afterwards.
 */
static int try_load(struct pmr_object *object, struct pmreuseport_error *error)
{
	sigset_t all, before;
	struct pmr_log log;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pmr_log_begin(&log);
	err = bpf_object__load(object->bpf);
	pmr_log_end();
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (err)
		return load_error(object, err, &log, error);

	object->prog_fd =
		bpf_program__fd(bpf_object__find_program_by_name(object->bpf, PMR_SELECTOR));
	return 0;
}

int pmr_object_load(struct pmr_object *object, struct pmreuseport_error *error)
{
	return object->prog_fd < 0 ? try_load(object, error) : 0;
}
