/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verbs; see struct verb. */
#ifndef PMREUSEPORT_VERBS_H
#define PMREUSEPORT_VERBS_H

int verb_account(int argc, char **argv);
int verb_adopt(int argc, char **argv);
int verb_balance(int argc, char **argv);
int verb_doctor(int argc, char **argv);
int verb_drain(int argc, char **argv);
int verb_fork(int argc, char **argv);
int verb_leave(int argc, char **argv);
int verb_pin(int argc, char **argv);
int verb_pins(int argc, char **argv);
int verb_metrics(int argc, char **argv);
int verb_rehome(int argc, char **argv);
int verb_remove(int argc, char **argv);
int verb_resize(int argc, char **argv);
int verb_status(int argc, char **argv);
int verb_top(int argc, char **argv);
int verb_undrain(int argc, char **argv);
int verb_unpin(int argc, char **argv);
int verb_where(int argc, char **argv);

#endif
