# SPDX-License-Identifier: GPL-2.0-or-later
"""Accounting: every datagram that was sent became exactly one row, or is listed as missing.

The generator sends one record per datagram and numbers them per exporter. An nfacctd
with keys() writes a row for each of them: exporter, sequence number.
"""
import pathlib
from array import array

# Generator options for a load where every datagram becomes one row.
ONE_RECORD = ("--records-per-packet", 1, "--refresh", 0)

# One record fills one buffer, so none waits in the core. The ring holds 40,000 of them.
# A plugin clears its cache when it starts, so a small cache makes the start cheap.
KEYS = {
    "bmp_daemon": "false",
    "nfacctd_as": None,
    "nfacctd_net": None,
    "aggregate[flows]": "peer_src_ip, export_proto_seqno, flows",
    "print_output[flows]": "csv",
    "print_refresh_time[flows]": 5,
    "print_cache_entries[flows]": 4001,
    "plugin_pipe_size[flows]": 16 << 20,
    "nfacctd_pipe_size": 8 << 20,
}
OUTPUT = "rows-*.csv"
HEADER = "PEER_SRC_IP,EXPORT_PROTO_SEQNO,PACKETS,FLOWS,BYTES\n"


def keys(directory, **more):
    """Configuration keys for a process that writes its rows to directory."""
    return {**KEYS, "print_output_file[flows]": f"{directory}/rows-@INDEX@.csv", **more}


def sent(report):
    """exporter -> sequence numbers of its data, from the generator's report."""
    assert not report["unsent"], f"{report['unsent']} datagrams were given up by the generator"
    # A v9 template is sent once, before the data, and takes a sequence number.
    return {
        row["address"]: range(
            first := row["templates"] if row["version"] == 9 else 0, first + row["records"]
        )
        for row in report["sources"]
    }


def rows(directory, pattern=OUTPUT, exporters=""):
    """exporter -> sequence numbers in all outputs below directory, in order. exporters: how
    the addresses begin."""
    seen = {}
    for path in sorted(pathlib.Path(directory).rglob(pattern)):
        with open(path, encoding="ascii") as lines:
            for line in lines:
                if line == HEADER or not line.startswith(exporters):
                    continue
                exporter, number, _, flows, _ = line.split(",")
                numbers = seen.get(exporter)
                if numbers is None:
                    numbers = seen[exporter] = array("L")
                # A cache merges equal records into one row.
                for _ in range(int(flows)):
                    numbers.append(int(number))
    return seen


class Account:
    """Compares what was sent with what was decoded or queued."""

    def __init__(self, sent, decoded, queued=()):
        """queued: (exporter, number) of each datagram in the queues of killed processes."""
        self.sent = sum(map(len, sent.values()))
        self.decoded = sum(map(len, decoded.values()))
        self.queued = len(queued)
        self.missing, self.twice, self.unknown = [], [], []
        lost = {}
        for exporter, number in queued:
            lost.setdefault(exporter, []).append(number)
        for exporter in sent.keys() | decoded.keys() | lost.keys():
            self._compare(
                exporter,
                sent.get(exporter, range(0)),
                [*decoded.get(exporter, ()), *lost.get(exporter, ())],
            )

    def _compare(self, exporter, wanted, got):
        if len(got) == len(wanted) and set(got) == set(wanted):
            return
        times = {}
        for number in got:
            times[number] = times.get(number, 0) + 1
        self.missing += [(exporter, number) for number in wanted if number not in times]
        self.twice += [(exporter, number) for number, n in times.items() if n > 1]
        self.unknown += [(exporter, number) for number in times if number not in wanted]

    @property
    def complete(self):
        return not (self.missing or self.twice or self.unknown)

    @property
    def figures(self):
        return (
            f"sent {self.sent} decoded {self.decoded} queued {self.queued} missing "
            f"{len(self.missing)} twice {len(self.twice)} unknown {len(self.unknown)}"
        )

    def __str__(self):
        text = self.figures
        for what in ("missing", "twice", "unknown"):
            found = getattr(self, what)
            if found:
                text += f"\n{what}: " + " ".join(
                    f"{exporter}#{number}" for exporter, number in found[:50]
                )
        return text


def udp_counters():
    """The UDP counters of this network namespace, IPv4 and IPv6 added up."""
    with open("/proc/net/snmp", encoding="ascii") as lines:
        names, values = [line.split()[1:] for line in lines if line.startswith("Udp:")]
    counters = dict(zip(names, map(int, values)))
    with open("/proc/net/snmp6", encoding="ascii") as lines:
        for name, value in map(str.split, lines):
            if name.startswith("Udp6") and name.removeprefix("Udp6") in counters:
                counters[name.removeprefix("Udp6")] += int(value)
    return counters


def udp_sockets(port):
    """inode -> (bytes queued, datagrams dropped) of the sockets on a port."""
    found = {}
    for path in ("/proc/net/udp", "/proc/net/udp6"):
        with open(path, encoding="ascii") as lines:
            for fields in map(str.split, list(lines)[1:]):
                if int(fields[1].rpartition(":")[2], 16) == port:
                    found[int(fields[9])] = (int(fields[4].partition(":")[2], 16), int(fields[12]))
    return found


def all_read(port=2055):
    """True if the queues of all sockets on the port are empty."""
    return not any(queued for queued, _ in udp_sockets(port).values())
