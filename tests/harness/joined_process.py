# SPDX-License-Identifier: GPL-2.0-or-later
"""joined_process.py LIBRARY FD INDEX COUNT [OBJECT]: put an inherited socket into a hash bucket.

The process prints its pid when it has joined, and runs until its standard input ends. The
socket stays open in the process that passed it.
"""
import os
import sys

from library import join

join(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), *sys.argv[5:])
print(os.getpid(), flush=True)
sys.stdin.read()
