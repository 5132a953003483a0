/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMREUSEPORT_CONF_SPELLING_H
#define PMREUSEPORT_CONF_SPELLING_H

/*
 * The key of this project that an unknown key is probably meant to be, or NULL. Every key that
 * begins with "reuseport" is meant to be one of them.
 */
const char *spelling_of(const char *key);

#endif
