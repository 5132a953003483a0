/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GEN_BMP_COMMAND_H
#define GEN_BMP_COMMAND_H

int command_bmp(int argc, char **argv);

#endif
