/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GEN_FLOWS_COMMAND_H
#define GEN_FLOWS_COMMAND_H

int verb_flows(int argc, char **argv);

#endif
