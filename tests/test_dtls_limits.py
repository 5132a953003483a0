# SPDX-License-Identifier: GPL-2.0-or-later
"""What DTLS peers can make a daemon keep, and do, is bounded."""
import contextlib

from harness import wait_for
from harness.dtls import PORT, HalfOpen, Session, events, keys, serves, v5, wait_decoded

HALF_OPEN = 512
ADDRESS_SESSIONS = 64
ADDRESS_HALF_OPEN = 16
FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"


def counted(instance, name):
    return events(instance).get(name, 0)


def half_open(stack, number):
    """One more, from another address."""
    return stack.enter_context(HalfOpen(PORT, f"127.3.{number >> 8}.{number & 255}"))


def test_the_oldest_handshake_makes_room_for_a_new_one(collector):
    instance = collector()
    with contextlib.ExitStack() as stack:
        made = 0

        def dropped():
            nonlocal made
            for _ in range(100):
                half_open(stack, made := made + 1)
            assert counted(instance, "half_open") <= HALF_OPEN
            return counted(instance, "dropped")

        wait_for("a handshake dropped", dropped)
        serves(instance, 1)


def test_handshakes_do_not_take_all_of_the_time(collector):
    """Peers that start one handshake after the other are refused, until there is time again."""
    instance = collector()
    with contextlib.ExitStack() as stack:
        peers = [half_open(stack, number) for number in range(300)]

        def refused():
            for peer in 30 * peers:
                peer.again()
            return counted(instance, "refused")

        wait_for("a refusal", refused)
        serves(instance, 1)


def test_an_address_does_not_keep_others_from_a_handshake(collector):
    instance = collector()
    with contextlib.ExitStack() as stack:

        def refused():
            for _ in range(ADDRESS_HALF_OPEN + 1):
                stack.enter_context(HalfOpen(PORT, "127.3.0.1"))
            assert counted(instance, "half_open") <= ADDRESS_HALF_OPEN
            return counted(instance, "refused")

        wait_for("a refusal", refused)
        assert not counted(instance, "dropped")
        serves(instance, 1)


def test_the_silent_session_of_an_address_makes_room_for_a_new_one(collector):
    instance = collector()
    with contextlib.ExitStack() as stack:

        def session(source):
            return stack.enter_context(Session(PORT, source)).connect()

        other = session("127.3.0.2")
        first, silent = session("127.3.0.1"), session("127.3.0.1")
        for _ in range(ADDRESS_SESSIONS - 2):
            session("127.3.0.1")
        first.send(v5(1))
        wait_decoded(instance, 1)
        session("127.3.0.1").send(v5(2))
        wait_for("the end of the silent one", silent.is_closed)
        first.send(v5(3))
        other.send(v5(4))
        wait_decoded(instance, 1, 2, 3, 4)
        wait_for("a line in the log", lambda: counted(instance, "replaced") == 1)


def test_an_idle_session_is_closed(start, certificates, tmp_path):
    clock = tmp_path / "clock"
    clock.write_text("+0", encoding="ascii")
    env = (f"LD_PRELOAD={FAKETIME}", f"FAKETIME_TIMESTAMP_FILE={clock}", "FAKETIME_NO_CACHE=1")
    instance = start(0, 1, keys=keys(certificates), command=("env", *env)).wait_ready()
    with Session(PORT) as session:
        session.connect()
        session.send(v5(1))
        wait_decoded(instance, 1)
        clock.write_text("+50m", encoding="ascii")
        session.send(v5(2))
        wait_decoded(instance, 2)
        clock.write_text("+100m", encoding="ascii")
        session.send(v5(3))
        wait_decoded(instance, 3)
        clock.write_text("+170m", encoding="ascii")
        wait_for("its end", session.is_closed)
        wait_for("a line in the log", lambda: counted(instance, "idle") == 1)
