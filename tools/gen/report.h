/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The report on standard output, and record files: JSON, one object per line. */
#ifndef GEN_REPORT_H
#define GEN_REPORT_H

#include "exporter.h"

struct bmp_run;
struct replay;

/* -EIO: the stream has its error set, and its owner reports it on close. */
int report_record(FILE *f, const struct exporter *ex, uint32_t domain,
		  const struct flow_record *rec);
int report_flows(const struct flow_options *opt, const struct exporter *exporters);
int report_bmp(const struct bmp_run *run);
int report_replay(const struct replay *replay);

#endif
