/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether installed files are of the same build. */
#ifndef PMR_SELECTOR_COMPARE_H
#define PMR_SELECTOR_COMPARE_H

/*
 * Whether a file, an object or a library, has the same selector as this library: 1 or 0, or a
 * negative errno. The file must be a trusted one.
 */
int pmr_selector_compare(const char *file);

#endif /* PMR_SELECTOR_COMPARE_H */
