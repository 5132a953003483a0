// SPDX-License-Identifier: GPL-2.0-or-later
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "libbpf_log.h"

/*
 * The only state of the library that is not the caller's: libbpf's print function
 * is one per process and gets no context, so this is where it finds the log.
 */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static _Thread_local struct pmr_log *current;
static _Atomic(libbpf_print_fn_t) before;

/* Keeps the end: when the buffer is full, its older half goes. */
static int keep(enum libbpf_print_level level, const char *fmt, va_list args)
{
	struct pmr_log *log = current;
	libbpf_print_fn_t others = before;
	size_t room;
	va_list again;
	int n;

	if (!log) /* another thread's libbpf */
		return others ? others(level, fmt, args) : 0;
	if (level == LIBBPF_DEBUG)
		return 0;

	va_copy(again, args);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		return 0;

	if ((size_t)n + 1 > sizeof(log->text)) {
		/* A verifier log in one piece: the end of it is what matters. */
		char *whole = NULL;

		if (vasprintf(&whole, fmt, args) < 0)
			return 0;
		log->used = sizeof(log->text) / 2;
		memcpy(log->text, whole + n - log->used, log->used + 1);
		free(whole);
		return 0;
	}

	room = sizeof(log->text) - log->used;
	if ((size_t)n + 1 > room) {
		size_t drop = (size_t)n + 1 - room;

		if (drop < log->used / 2)
			drop = log->used / 2;
		log->used -= drop;
		memmove(log->text, log->text + drop, log->used);
	}
	vsnprintf(log->text + log->used, sizeof(log->text) - log->used, fmt, args);
	log->used += n;
	return 0;
}

void pmr_log_begin(struct pmr_log *log)
{
	log->used = 0;
	log->text[0] = '\0';
	pthread_mutex_lock(&mutex);
	current = log;
	before = libbpf_set_print(keep);
}

void pmr_log_end(void)
{
	libbpf_set_print(before);
	current = NULL;
	pthread_mutex_unlock(&mutex);
}

const char *pmr_log_tail(struct pmr_log *log)
{
	enum { WANTED = 500 };
	char *from = log->text, *to = log->text, *tail;

	/* In place: one line, its parts set off by semicolons. */
	for (; *from; from++) {
		if (*from != '\n')
			*to++ = *from;
		else if (to > log->text && to[-1] != ';')
			*to++ = ';';
	}
	while (to > log->text && to[-1] == ';')
		to--;
	*to = '\0';

	tail = to - log->text > WANTED ? to - WANTED : log->text;
	if (tail > log->text && strchr(tail, ' '))
		tail = strchr(tail, ' ') + 1;
	return tail;
}
