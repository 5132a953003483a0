/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nfacctd with a plugin that wants all primitives that there are, and some of its own. */
#ifndef FUZZ_NFACCTD_TARGET_H
#define FUZZ_NFACCTD_TARGET_H

void nfacctd_start(void);

/* Forget templates, and what else is known of exporters. */
void nfacctd_forget(void);

#endif /* FUZZ_NFACCTD_TARGET_H */
