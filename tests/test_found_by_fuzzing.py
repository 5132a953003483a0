# SPDX-License-Identifier: GPL-2.0-or-later
"""What the fuzzers have found and a real nfacctd can show: see also tests/fuzz/pmacct."""
import signal
import socket
import struct

from harness import traffic, wait_for

KEYS = {
    "reuseport_hashbucket_count": None,
    "reuseport_hashbucket_index": None,
    "nfacctd_templates_file": None,
}
ROUTE_MONITOR, PEER_DOWN, PEER_UP, INIT, TERM = 0, 2, 3, 4, 5
CYCLES = 20000


def bmp(kind, body, length=None):
    return struct.pack("!BIB", 3, 6 + len(body) if length is None else length, kind) + body


def tlv(kind, value):
    return struct.pack("!HH", kind, len(value)) + value


HELLO = bmp(INIT, tlv(1, b"test") + tlv(2, b"router"))
PEER = (
    bytes(10) + bytes(12) + struct.pack("!4sI4sII", b"\x0a\0\0\x09", 64999, b"\x0a\0\0\x09", 1, 0)
)
OPEN = b"\xff" * 16 + struct.pack("!HBBHH4sB", 29, 1, 4, 64999, 90, b"\x0a\0\0\x09", 0)
UP = bmp(PEER_UP, PEER + bytes(16) + struct.pack("!HH", 179, 1790) + OPEN + OPEN)
DOWN = bmp(PEER_DOWN, PEER + b"\x04")


def daemon(start, **keys):
    return start(0, keys={**KEYS, **keys}).wait_ready("waiting for NetFlow/IPFIX data")


def session(address):
    made = socket.socket()
    made.bind((address, 0))
    made.connect(("127.0.0.1", 1790))
    return made


def test_a_session_that_ends_within_a_long_message_is_closed(start):
    instance = daemon(start)
    with session("127.66.0.1") as router:
        router.sendall(HELLO + bmp(ROUTE_MONITOR, bytes(100), length=1 << 24))
    wait_for(
        "the end of the session",
        lambda: "[127.66.0.1] BMP connection reset by peer" in instance.log(),
    )


def test_a_peer_that_goes_up_and_down_costs_no_memory(start):
    instance = daemon(start, bmp_daemon_msglog_file=None)

    def flap(address, cycles):
        with session(address) as router:
            router.sendall(HELLO + (UP + DOWN) * cycles + bmp(TERM, tlv(1, b"\0\0")))
            wait_for(
                "all messages",
                lambda: f"[{address}] BMP Term message received" in instance.log(),
            )
        return instance.resident()

    before = flap("127.66.0.1", CYCLES // 10)
    grown = flap("127.66.0.2", CYCLES) - before
    print(f"{CYCLES} times up and down: {grown} kB")
    assert grown < CYCLES * 0.25


def tagged(start, tmp_path, text, **keys):
    """A daemon with a pre_tag_map, and a function that sends flows and waits for them."""
    path = tmp_path / "tags.map"
    path.write_text(text)
    instance = daemon(
        start, pre_tag_map=path, bmp_daemon="false", nfacctd_as=None, nfacctd_net=None, **keys
    )

    def send():
        before = len(instance.flows())
        report = traffic.flows("--source", "127.1.0.1", "--flows", 8)
        wait_for("all flows", lambda: len(instance.flows()) - before == report["records"])

    return instance, send


def test_a_map_with_a_filter_and_no_address_is_loaded_again(start, tmp_path):
    instance, send = tagged(
        start, tmp_path, "set_tag=1 filter='net 10.0.0.0/8' jeq=last\nset_tag=2 label=last\n"
    )
    send()
    for again in (2, 3):
        instance.process.send_signal(signal.SIGUSR2)
        # The map is loaded with the next record.
        send()
        loaded = "map successfully (re)loaded"
        wait_for("the map", lambda again=again: instance.log().count(loaded) >= again)
    assert instance.process.poll() is None


def test_a_line_of_a_map_with_too_many_keys_is_ignored(start, tmp_path):
    many = "in out engine_type engine_id direction mpls_pw_id vlan cvlan fwd_status".split()
    many = "".join(f" {key}=1" for key in many)
    nets = "src_net=10.0.0.0/8 dst_net=10.0.0.0/8 nexthop=10.0.0.1"
    fits = f"set_tag=1 set_tos=2 ip=127.1.0.1{many}"
    instance, send = tagged(start, tmp_path, f"{fits} {nets}\n{fits}\n")
    send()
    log = instance.log()
    assert ":1] too many keys (max 14). Line ignored." in log
    assert ":2]" not in log
    assert instance.process.poll() is None


def test_labels_of_a_map_are_compared_as_a_whole(start, tmp_path):
    text = "set_tag=1 ip=127.1.0.1 jeq=destination_b\n"
    text += "set_tag=2 ip=127.1.0.1 label=destination_a\n"
    text += "set_tag=3 ip=127.1.0.1 label=destination_b\n"
    fields = "tag, peer_src_ip, src_host, dst_host, src_port, dst_port, proto"
    instance, send = tagged(start, tmp_path, text, **{"aggregate[flows]": fields})
    send()
    assert {flow["tag"] for flow in instance.flows()} == {3}


def test_a_jump_behind_the_last_entry_of_a_map_is_ignored(start, tmp_path):
    instance, send = tagged(start, tmp_path, "set_tag=1 ip=127.1.0.1 jeq=next\n")
    send()
    assert "Unresolved label 'next'" in instance.log()
