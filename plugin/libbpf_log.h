/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What libbpf has to say, kept for an error. */
#ifndef PMR_LIBBPF_LOG_H
#define PMR_LIBBPF_LOG_H

#include <stddef.h>

struct pmr_log {
	size_t used;
	char text[16384];
};

/*
 * Between these two, what libbpf would print to stderr in this thread goes to
 * the log instead. libbpf has one print function for the whole process, so the
 * calls are serialized and the one that was set before is put back.
 */
void pmr_log_begin(struct pmr_log *log);
void pmr_log_end(void);

/*
 * The last lines that say something, joined with ";", as a part of an error
 * sentence. Points into the log.
 */
const char *pmr_log_tail(struct pmr_log *log);

#endif /* PMR_LIBBPF_LOG_H */
