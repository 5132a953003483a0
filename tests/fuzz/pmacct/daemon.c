// SPDX-License-Identifier: GPL-2.0-or-later
#include <sanitizer/lsan_interface.h>
#include <sys/mman.h>

/* Has to come before the other headers of pmacct. */
#include "pmacct.h"

#include "calls.h"
#include "coroutine.h"
#include "daemon.h"
#include "files.h"
#include "json_memory.h"

/* The daemon writes its title over its arguments, and forgets all but the first. */
static char daemon_name[64], option[] = "-f", config_path[64];

static void run_main(void)
{
	char *arguments[] = {daemon_name, option, config_path, NULL};
	char *no_environment[] = {NULL};

	fuzz_main(3, arguments, no_environment);
}

void daemon_file(const char *text, char *path, size_t size)
{
	int fd = memfd_create("fuzz", 0);
	size_t len = strlen(text);

	if (fd < 0 || write(fd, text, len) != (ssize_t)len)
		abort();
	snprintf(path, size, "/proc/self/fd/%d", fd);
}

/* Complaints about the configuration are shown, those about the input only formatted. */
void daemon_start(const char *name, const char *config_text)
{
	snprintf(daemon_name, sizeof(daemon_name), "%s", name);
	daemon_file(config_text, config_path, sizeof(config_path));
	json_memory_init();
	coroutine_init(run_main);
	/* What the daemon allocates at its start, it uses until its end. */
	__lsan_disable();
	coroutine_resume();
	__lsan_enable();
	/* The daemon has an empty environment: it would look at /etc/localtime again and again. */
	setenv("TZ", "UTC0", 1);
	config.logfile_fd = files_null();
}
