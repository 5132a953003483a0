# SPDX-License-Identifier: GPL-2.0-or-later
"""A datagram that DTLS does not accept is not decoded as a flow, nor with a wrong length."""
import socket
import struct
import subprocess

from harness import PATIENCE, netflow, wait_for
from harness.nfacctd import FLOWS_ONLY

PORT = 4740


def local_port():
    """The port of the DTLS client, whose socket is connected to the daemon."""
    with open("/proc/net/udp", encoding="ascii") as table:
        lines = [line.split() for line in table.readlines()[1:]]
    ports = [int(x[1].split(":")[1], 16) for x in lines if x[2] == f"0100007F:{PORT:04X}"]
    return ports[0] if ports else None


def test_datagram_that_is_no_dtls_record(start, certificates, tmp_path):
    one = start(
        0,
        keys={
            **FLOWS_ONLY,
            "reuseport_hashbucket_count": None,
            "reuseport_hashbucket_index": None,
            "nfacctd_templates_file": None,
            "nfacctd_dtls_port": PORT,
            "dtls_path": certificates,
            "debug": "true",
        },
    ).wait_ready()
    output = tmp_path / "client"
    with open(output, "wb") as out:
        client = subprocess.Popen(
            ["gnutls-cli", "--udp", "--insecure", "--port", str(PORT), "127.0.0.1"],
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=subprocess.STDOUT,
            bufsize=0,
        )
    try:
        wait_for("a session", lambda: b"Handshake was completed" in output.read_bytes())
        # longer than the buffer that the debug log once had
        client.stdin.write(b"a" * 1000 + b"\n")
        wait_for("a record", lambda: "[dtls] data received" in one.log())
        source = wait_for("its port", local_port)
        record = struct.pack("!4s4sHI", b"\x0a\0\0\1", b"\x0a\0\0\2", 4242, 1500)
        flow = netflow.message(
            9,
            netflow.template(9, 256, (8, 4), (12, 4), (7, 2), (1, 4)),
            netflow.flowset(256, record),
        )
        with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP) as raw:
            for number in range(100):
                header = struct.pack("!HHHH", source, PORT, 8 + len(flow), 0)
                raw.sendto(header + flow, ("127.0.0.1", 0))
                if number % 10 == 0:
                    client.stdin.write(b"b" * 900 + b"\n")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as good:
            good.bind(("127.1.0.1", 0))
            plain = flow.replace(struct.pack("!H", 4242), struct.pack("!H", 4343))

            def decoded():
                assert one.process.poll() is None, one.log()[-3000:]
                client.stdin.write(b"c\n")
                good.sendto(plain, ("127.0.0.1", 2055))
                return [row for row in one.flows() if row["port_src"] == 4343]

            wait_for("a flow of another exporter", decoded)
        assert [row for row in one.flows() if row["port_src"] == 4242] == []
    finally:
        client.kill()
        client.wait(PATIENCE)
        client.stdin.close()
