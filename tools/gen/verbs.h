/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A verb parses its own options (argv[0] is "pmreuseport-gen VERB") and returns the exit status. */
#ifndef GEN_VERBS_H
#define GEN_VERBS_H

int verb_flows(int argc, char **argv);
int verb_bmp(int argc, char **argv);
int verb_replay(int argc, char **argv);

#endif
