# SPDX-License-Identifier: GPL-2.0-or-later
"""listen_fds.py FD:NAME... -- COMMAND...: run COMMAND with these sockets, as systemd does.

sd_listen_fds(3): descriptors from 3 on, and three environment variables, one with the pid.
"""
import os
import sys


def main():
    end = sys.argv.index("--")
    passed = [word.partition(":") for word in sys.argv[1:end]]
    # Move all of them away first: one may have the number that another one needs.
    copies = [os.dup2(int(fd), 100 + n) for n, (fd, _, _) in enumerate(passed)]
    for n, copy in enumerate(copies):
        os.dup2(copy, 3 + n, inheritable=True)
        os.close(copy)
    os.closerange(3 + len(copies), 100)
    os.environ.update(
        LISTEN_PID=str(os.getpid()),
        LISTEN_FDS=str(len(copies)),
        LISTEN_FDNAMES=":".join(name for _, _, name in passed),
    )
    os.execvp(sys.argv[end + 1], sys.argv[end + 1 :])


main()
