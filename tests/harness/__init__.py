# SPDX-License-Identifier: GPL-2.0-or-later
"""Shared by the tests and the demo: namespaces, nfacctd instances, traffic."""
import pathlib
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]


def wait_for(what, condition, timeout=60.0):
    """Poll condition() until it returns a true value, and return that value."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise TimeoutError(f"after {timeout:g} s still not: {what}")
        time.sleep(0.05)
