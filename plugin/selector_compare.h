/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is what is installed of the same version? */
#ifndef PMR_SELECTOR_COMPARE_H
#define PMR_SELECTOR_COMPARE_H

/*
 * 1 if a file, an object or a library that contains one, has the same selector as this
 * library, 0 if not, or a negative errno. The file must be one that can be trusted.
 */
int pmr_selector_compare(const char *file);

#endif /* PMR_SELECTOR_COMPARE_H */
