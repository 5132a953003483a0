/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A daemon of pmacct inside of the fuzzer: main() and all that it calls are pmacct's, except
 * for the system calls in "symbols", which objcopy turns into those of calls.h.
 */
#ifndef FUZZ_DAEMON_H
#define FUZZ_DAEMON_H

#include <stddef.h>

/* Start main() with a configuration, and let it run until it waits for data. */
void daemon_start(const char *name, const char *config_text);

/* Make a file with this text, which exists as long as the process. Its path is short. */
void daemon_file(const char *text, char *path, size_t size);

#endif /* FUZZ_DAEMON_H */
