/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GEN_REPLAY_COMMAND_H
#define GEN_REPLAY_COMMAND_H

int command_replay(int argc, char **argv);

#endif
