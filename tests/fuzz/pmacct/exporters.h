/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What nfacctd and sfacctd know of exporters. */
#ifndef FUZZ_EXPORTERS_H
#define FUZZ_EXPORTERS_H

/*
 * daemon_start() with maps about exporters. The ring of each plugin has one buffer, and what is
 * written beyond it is found. config_format takes three paths: of a sampling_map, a pre_tag_map,
 * and a file with these primitives.
 */
void exporters_start(const char *name, const char *config_format, const char *primitives);

/* Forget all of it, so that what an input does depends on this input alone. */
void exporters_forget(void);

#endif /* FUZZ_EXPORTERS_H */
