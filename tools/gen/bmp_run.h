/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GEN_BMP_RUN_H
#define GEN_BMP_RUN_H

#include "bmp_session.h"

struct bmp_run {
	const struct bmp_options *opt;
	struct bmp_session *sessions; /* opt->from.count */
	int epfd;
	int sigfd;
	bool stop;
};

/* Runs the command; 0, or a negative errno after a message. */
int bmp_run(const struct bmp_options *opt);

#endif
