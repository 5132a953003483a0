# SPDX-License-Identifier: GPL-2.0-or-later
"""Instances that stop, and what they have written until then."""
import pathlib
import signal
from collections import Counter

from . import traffic
from .nfacctd import FLOWS_ONLY, NO_KEYS, key_of
from .pcap import Capture

STOPS = [signal.SIGTERM, signal.SIGINT]
# The plugin writes only when the instance ends.
LATE = {**FLOWS_ONLY, "print_refresh_time[flows]": 600}
V5 = ("--source", "127.1.0.1+40", "--version", "5")


def keys(*instances):
    """The records that the instances have written."""
    return Counter(key_of(flow) for instance in instances for flow in instance.flows())


def written(*instances):
    """How many records the instances have written. Counts lines, because decoding is slow."""
    paths = (instance.directory / f"flows-{instance.index}.json" for instance in instances)
    return sum(path.read_bytes().count(b"\n") for path in paths if path.exists())


def sent_keys(path):
    return Counter(map(key_of, traffic.records(path)))


def listening(instance):
    """Wait until the core reads and the plugin has set its signal handlers."""
    return instance.wait_ready("waiting for NetFlow/IPFIX data", "JSON: setting object handlers")


def queued(port=2055):
    """Bytes in the queues of the sockets on the port."""
    total = 0
    for name in ("udp", "udp6"):
        for line in pathlib.Path(f"/proc/net/{name}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[1].endswith(f":{port:04X}"):
                total += int(fields[4].split(":")[1], 16)
    return total


def gone(pid):
    """True if the process has ended. A zombie counts, because pid 1 may not collect it."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z"
    except FileNotFoundError:
        return True


def start_on_savefile(start, directory):
    """An instance that has read a capture with 24 records, and waits for more."""
    capture = Capture(directory / "flows.pcap")
    for number in range(6):
        capture.netflow5(f"192.0.2.{number + 1}", records=4)
    capture.close()
    instance = start(
        0, keys={**LATE, **NO_KEYS, "nfacctd_port": None}, args=("-I", str(capture.path), "-W")
    )
    return instance.wait_ready("finished reading PCAP capture file")
