/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMREUSEPORT_CONF_SPELLING_H
#define PMREUSEPORT_CONF_SPELLING_H

/*
 * The key of ours that somebody may have meant by a key that is none, or NULL. Every key
 * that begins with "reuseport" means one of ours.
 */
const char *spelling_of(const char *key);

#endif
