// SPDX-License-Identifier: GPL-2.0-or-later
#include <dlfcn.h>
#include <sanitizer/common_interface_defs.h>
#include <stdlib.h>
#include <ucontext.h>

#include "coroutine.h"

enum {
	/* nfacctd reads a datagram with buffers of some 100 kB on its stack. */
	STACK_SIZE = 8 * 1024 * 1024,
};

static ucontext_t fuzzer, daemon_context;
static const void *fuzzer_stack;
static size_t fuzzer_stack_size;
/* Reached from a global, so the leak checker reads it. */
static void *stack;
static bool inside;
static void (*daemon_entry)(void);
/*
 * That of the C library. The one of AddressSanitizer forgets, at each switch, where the
 * variables on the stack begin and end, and with it the overflows that are to be found.
 */
static int (*libc_swapcontext)(ucontext_t *from, const ucontext_t *to);

static void first_frame(void)
{
	__sanitizer_finish_switch_fiber(NULL, &fuzzer_stack, &fuzzer_stack_size);
	daemon_entry();
	abort();
}

void coroutine_init(void (*entry)(void))
{
	/* ISO C has no conversion from an object pointer to a function pointer. */
	*(void **)&libc_swapcontext = dlsym(RTLD_NEXT, "swapcontext");
	stack = malloc(STACK_SIZE);
	if (!libc_swapcontext || !stack || getcontext(&daemon_context))
		abort();
	daemon_context.uc_stack.ss_sp = stack;
	daemon_context.uc_stack.ss_size = STACK_SIZE;
	daemon_context.uc_link = NULL;
	daemon_entry = entry;
	makecontext(&daemon_context, first_frame, 0);
}

void coroutine_resume(void)
{
	void *fake_stack;

	inside = true;
	__sanitizer_start_switch_fiber(&fake_stack, stack, STACK_SIZE);
	libc_swapcontext(&fuzzer, &daemon_context);
	__sanitizer_finish_switch_fiber(fake_stack, NULL, NULL);
	inside = false;
}

void coroutine_yield(void)
{
	void *fake_stack;

	__sanitizer_start_switch_fiber(&fake_stack, fuzzer_stack, fuzzer_stack_size);
	libc_swapcontext(&daemon_context, &fuzzer);
	__sanitizer_finish_switch_fiber(fake_stack, NULL, NULL);
}

bool coroutine_inside(void)
{
	return inside;
}
