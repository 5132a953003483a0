/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMREUSEPORT_FORK_JUDGE_H
#define PMREUSEPORT_FORK_JUDGE_H

#include "fork/template.h"

/* Decides which lines have to differ between instances, and which lines to add. */
int fork_template_judge(struct fork_template *template, struct pmreuseport_error *error);

#endif
