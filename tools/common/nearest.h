/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Spelling mistakes: which of some words is meant. */
#ifndef TOOLS_NEAREST_H
#define TOOLS_NEAREST_H

#include <stddef.h>

/*
 * The word with the fewest letters to add, remove or replace, and *distance, how many these
 * are. NULL: there are no words, or 'text' is too long to be any of them. words: 'n' of them.
 */
const char *nearest_word(const char *text, const char *const *words, size_t n, size_t *distance);

/* The same, or NULL if it is so far away that nothing suggests it. */
const char *nearest_guess(const char *text, const char *const *words, size_t n);

#endif
