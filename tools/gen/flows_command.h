/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GEN_FLOWS_COMMAND_H
#define GEN_FLOWS_COMMAND_H

int command_flows(int argc, char **argv);

#endif
