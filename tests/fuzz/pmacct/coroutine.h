/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * main() of a daemon never returns, and LLVMFuzzerTestOneInput() has to. So the daemon runs
 * on a stack of its own, and the two take turns.
 */
#ifndef FUZZ_COROUTINE_H
#define FUZZ_COROUTINE_H

#include <stdbool.h>

/* Make the second stack. resume() enters it at entry(), which must not return. */
void coroutine_init(void (*entry)(void));

/* From the fuzzer to the daemon, and back. Each returns when the other one switches. */
void coroutine_resume(void);
void coroutine_yield(void);

/* Does the daemon run? */
bool coroutine_inside(void);

#endif /* FUZZ_COROUTINE_H */
