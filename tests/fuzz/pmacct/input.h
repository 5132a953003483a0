/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * LLVMFuzzerTestOneInput() of nearly all targets. It finds leaks: LeakSanitizer is too slow to
 * look for them after each input, and libFuzzer has it look at the first ones only.
 */
#ifndef FUZZ_INPUT_H
#define FUZZ_INPUT_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a target does with an input. Then it forgets what the input has left. */
void target_input(const uint8_t *data, size_t size);

#endif /* FUZZ_INPUT_H */
