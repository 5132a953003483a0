/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "descriptors.h"

#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <sys/resource.h>

#define SPARE_DESCRIPTORS 32

int raise_descriptor_limit(uint64_t need)
{
	struct rlimit lim;

	need += SPARE_DESCRIPTORS;
	if (getrlimit(RLIMIT_NOFILE, &lim)) {
		warn("cannot read the limit of open files");
		return -errno;
	}
	if (lim.rlim_cur >= need)
		return 0;
	if (lim.rlim_max < need) {
		warnx("%" PRIu64 " sockets exceed the hard limit of %" PRIu64
		      " open files; raise it with ulimit -Hn, or use fewer sockets",
		      need, (uint64_t)lim.rlim_max);
		return -EMFILE;
	}
	lim.rlim_cur = need;
	if (setrlimit(RLIMIT_NOFILE, &lim)) {
		warn("cannot raise the limit of open files to %" PRIu64, need);
		return -errno;
	}
	return 0;
}
