/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What nfacctd and sfacctd know of exporters. */
#ifndef FUZZ_EXPORTERS_H
#define FUZZ_EXPORTERS_H

/* Forget all of it, so that what an input does depends on this input alone. */
void exporters_forget(void);

/* Let the ring of each plugin have one buffer, and find what is written beyond it. */
void exporters_guard_ring(void);

#endif /* FUZZ_EXPORTERS_H */
