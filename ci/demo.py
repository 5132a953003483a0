# SPDX-License-Identifier: GPL-2.0-or-later
"""Run four instances behind one port and show which exporters each received.

Called by ci/demo.
"""
import pathlib
import shutil
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests"))

from harness import traffic, wait_for  # noqa: E402
from harness.nfacctd import Cluster, exporters_of  # noqa: E402
from harness.pmreuseport import TOOL  # noqa: E402
from harness.sandbox import Sandbox  # noqa: E402

COUNT = 4
EXPORTERS = ("--source", "127.1.0.1+100", "--source", "fd00:1::1+100")
# The first exporters of each family send BMP as well as flows.
ROUTERS = ("--source", "127.1.0.1+4", "--source", "fd00:1::1+4")


def say(text):
    print(f"demo: {text}", flush=True)


def table(cluster, flows, routers):
    print()
    print("bucket      pid  exporters    flows  BMP sessions")
    for instance in cluster:
        rows = flows[instance.index]
        print(
            f"{instance.index:6} {instance.pid:8} {len(exporters_of(rows)):10} {len(rows):8} "
            f"{len(routers[instance.index]):13}"
        )
    print()


def check(what, is_so):
    print(f"{'ok  ' if is_so else 'FAIL'} {what}")
    return is_so


def judge(cluster, flows, routers, sent):
    """Print one line per promise. True if all of them hold."""
    homes = {}
    for index, rows in flows.items():
        for exporter in exporters_of(rows):
            homes.setdefault(exporter, set()).add(index)
    sessions = {}
    for index, names in routers.items():
        for name in names:
            sessions.setdefault(name, set()).add(index)
    records = sum(map(len, flows.values()))
    return all(
        [
            check(
                f"{len(homes)} of {sent['exporters']} exporters seen",
                len(homes) == sent["exporters"],
            ),
            check(f"{records} of {sent['records']} flows written", records == sent["records"]),
            check(
                "no exporter was seen by two instances",
                all(len(where) == 1 for where in homes.values()),
            ),
            check(
                "no router has BMP sessions in two instances",
                all(len(where) == 1 for where in sessions.values()),
            ),
            check(
                f"flows and BMP of each of {len(sessions)} routers met in one instance",
                len(sessions) == 8
                and all(homes.get(name) == where for name, where in sessions.items()),
            ),
            check("every instance has its share", all(flows[i.index] for i in cluster)),
        ]
    )


def run(directory):
    cluster = Cluster(directory, COUNT)
    say(
        f"starting {COUNT} nfacctd instances behind UDP 2055 and TCP 1790 from "
        "conf-examples/nfacctd-print.conf"
    )
    sessions = None
    try:
        cluster.start()
        say("opening BMP sessions from 8 routers (4 IPv4, 4 IPv6)")
        # A file, because with --keep the sessions outlive this terminal.
        with open(f"{directory}/routers.log", "w", encoding="utf-8") as log:
            sessions = traffic.Routers(*ROUTERS, stderr=log)
        wait_for(
            "all BMP sessions logged",
            lambda: sum(len(instance.bmp_routers()) for instance in cluster) >= 8,
        )
        say(
            "sending NetFlow v5, v9 and IPFIX from 200 exporters (100 IPv4, 100 IPv6), "
            "each from 3 source ports"
        )
        sent = traffic.flows(
            *EXPORTERS, "--version", "5,9,10", "--flows", 48, "--ports", 3, "--rate", 4000
        )
        say(f"{sent['records']} flows sent in {sent['datagrams']} datagrams")
        flows = cluster.wait_flows(sent["records"])
        routers = {instance.index: instance.bmp_routers() for instance in cluster}
        table(cluster, flows, routers)
        good = judge(cluster, flows, routers, sent)
    except BaseException:
        end(cluster, sessions, directory)
        raise
    return cluster, sessions, good


def end(cluster, sessions, directory):
    if sessions:
        sessions.end()
    cluster.end()
    shutil.rmtree(directory)


def keep(cluster, sessions, directory):
    pid = cluster[0].pid
    say(f"kept running; output, logs and configurations are in {directory}")
    say(f"look around: nsenter --target {pid} --net --mount -- {TOOL} status")
    say(
        f"end it: kill -KILL -- {' '.join(str(-i.pid) for i in cluster)} {sessions.process.pid}"
        f" && rm -r {directory}"
    )


def main():
    begin = time.monotonic()
    directory = tempfile.mkdtemp(prefix="pmacct-reuseport-demo-")
    Sandbox()
    cluster, sessions, good = run(directory)
    if "--keep" in sys.argv[1:]:
        keep(cluster, sessions, directory)
    else:
        end(cluster, sessions, directory)
    say(f"{'passed' if good else 'FAILED'} after {time.monotonic() - begin:.0f} s")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
