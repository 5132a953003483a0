/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verbs; see struct verb. */
#ifndef GEN_VERBS_H
#define GEN_VERBS_H

int verb_flows(int argc, char **argv);
int verb_bmp(int argc, char **argv);
int verb_replay(int argc, char **argv);

#endif
