# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs programs as an unprivileged user."""


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
