/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The commands; see struct command. */
#ifndef PMREUSEPORT_COMMANDS_H
#define PMREUSEPORT_COMMANDS_H

int command_account(int argc, char **argv);
int command_adopt(int argc, char **argv);
int command_balance(int argc, char **argv);
int command_doctor(int argc, char **argv);
int command_drain(int argc, char **argv);
int command_forget(int argc, char **argv);
int command_fork(int argc, char **argv);
int command_leave(int argc, char **argv);
int command_pin(int argc, char **argv);
int command_pins(int argc, char **argv);
int command_quarantine(int argc, char **argv);
int command_metrics(int argc, char **argv);
int command_rehome(int argc, char **argv);
int command_remove(int argc, char **argv);
int command_resize(int argc, char **argv);
int command_status(int argc, char **argv);
int command_top(int argc, char **argv);
int command_undrain(int argc, char **argv);
int command_unpin(int argc, char **argv);
int command_where(int argc, char **argv);

#endif
