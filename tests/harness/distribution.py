# SPDX-License-Identifier: GPL-2.0-or-later
"""Which instance an exporter has reached: with its flows, and with its BMP session."""
from collections import Counter

from . import traffic, wait_for
from .nfacctd import exporters_of

V4 = ("--source", "127.1.0.1+30")
V6 = ("--source", "fd00:1::1+30")


def send_mixed(path, *args):
    """Send NetFlow v5, v9 and IPFIX from 60 exporters. Returns the records sent."""
    traffic.flows(
        *V4, *V6, "--version", "5,9,10", "--flows", 40, "--rate", 4000, "--records", path, *args
    )
    return traffic.records(path)


def check_not_split(flows):
    seen = Counter(exporter for index in flows for exporter in exporters_of(flows[index]))
    assert max(seen.values()) == 1, f"in two instances: {seen.most_common(5)}"


def homes_of_routers(instances):
    """router -> indices of the instances that logged its BMP messages"""
    homes = {}
    for instance in instances:
        for router in instance.bmp_routers():
            homes.setdefault(router, set()).add(instance.index)
    return homes


def wait_routers(instances, count):
    """Wait until so many routers are logged, and return homes_of_routers()."""
    wait_for("all routers logged", lambda: len(homes_of_routers(instances)) == count)
    return homes_of_routers(instances)
