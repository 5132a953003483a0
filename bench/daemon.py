# SPDX-License-Identifier: GPL-2.0-or-later
"""An nfacctd that is measured, and its load."""
import contextlib
import os
import pathlib
import subprocess
import tempfile

from harness import ledger, wait_for
from harness.traffic import GENERATOR

EXPORTERS = 40
PORT = 2055
CONFIG = f"""\
nfacctd_port: {PORT}
nfacctd_pipe_size: 8388608
plugins: print[flows]
aggregate[flows]: src_host, dst_host
print_refresh_time[flows]: 3600
print_output_file[flows]: DIRECTORY/flows
plugin_pipe_size: 67108864
plugin_buffer_size: 65536
logfile: DIRECTORY/log
"""


@contextlib.contextmanager
def running(program):
    """The pid of the core process of a program that waits for flows. It is killed at the end."""
    with tempfile.TemporaryDirectory(prefix="bench.") as made:
        directory = pathlib.Path(made)
        config, log = directory / "conf", directory / "log"
        config.write_text(CONFIG.replace("DIRECTORY", made), encoding="ascii")
        with subprocess.Popen(
            [program, "-f", config],
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            try:
                wait_for(
                    "nfacctd", lambda: log.exists() and "waiting for NetFlow" in log.read_text()
                )
                yield process.pid
            finally:
                os.killpg(process.pid, 9)


def load(version, records, rate, datagrams):
    """The command that sends datagrams; a rate of 0: as many as can be sent."""
    return [
        *(GENERATOR, "flows", "--to", f"127.0.0.1:{PORT}", "--quiet"),
        *("--source", f"127.1.0.1+{EXPORTERS}", "--flows", str(datagrams * records // EXPORTERS)),
        *("--records-per-packet", str(records), "--rate", str(rate), "--version", str(version)),
    ]


def drops():
    """Datagrams that did not fit into the queue, once the rest of them is read."""
    wait_for("an empty queue", lambda: ledger.all_read(PORT))
    return sum(dropped for _, dropped in ledger.udp_sockets(PORT).values())
