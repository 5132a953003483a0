// SPDX-License-Identifier: GPL-2.0-or-later
/* pmbmpd on BMP sessions of several routers. It logs each message as JSON. */
#include "daemon.h"
#include "frames.h"
#include "input.h"

static const char config_text[] = "daemonize: false\n"
				  "bmp_daemon_ip: ::\n"
				  "bmp_daemon_max_peers: 4\n"
				  "bmp_daemon_msglog_file: /dev/null\n";

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	daemon_start("pmbmpd", config_text);
	return 0;
}

void target_input(const uint8_t *data, size_t size)
{
	frames_feed(data, size);
}
