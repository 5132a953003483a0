# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs programs as an unprivileged user."""
import subprocess

from .sandbox import BPFFS


def as_user(user, *capabilities, group=None):
    """A command prefix: an unprivileged user with these capabilities and no others.

    The user may also read everything, because a checkout of root may be private.
    """
    caps = ",".join(f"+{name}" for name in ("dac_read_search", *capabilities))
    return (
        "setpriv",
        f"--reuid={user}",
        *([f"--regid={group}"] if group else []),
        "--clear-groups",
        f"--bounding-set=-all,{caps}",
        f"--inh-caps={caps}",
        f"--ambient-caps={caps}",
        "--",
    )


def give_cluster(user, directory):
    """Give the user the directory of a cluster. Returns a directory for files of that user."""
    subprocess.run(["chmod", "755", BPFFS], check=True)
    subprocess.run(["install", "-d", "-m", "755", f"{BPFFS}/pmacct"], check=True)
    subprocess.run(["install", "-d", "-m", "700", "-o", str(user), directory], check=True)
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"uid={user},mode=755", "none", "/media"], check=True
    )
    return "/media"
