"""The relay that browsers go through, asked as they ask: whom it lets where, what it counts, what it cuts off."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from collectors.reach import Reach
from collectors.reports.gateway import Gateway
from collectors.reports.passage import Passage
from tests.collectors.reports.sites import GOOD, Site, site
from tests.processes import free_port, wait_for

GRANTED, NOT_ALLOWED, UNREACHABLE, NO_SUCH_COMMAND = 0, 2, 4, 7
PLENTY = 10_000_000


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with closing(Gateway()) as made:
        yield made


@pytest.fixture
def page() -> Iterator[Site]:
    with site({"/": GOOD}) as made:
        yield made


def connect(gateway: Gateway, host: str, port: int, command: int = 1) -> tuple[int, socket.socket]:
    """The relay's answer, and the connection."""
    made = socket.create_connection(("127.0.0.1", gateway.port), timeout=10)
    made.sendall(b"\x05\x01\x00")
    assert made.recv(2) == b"\x05\x00"
    name = host.encode()
    made.sendall(bytes((5, command, 0, 3, len(name))) + name + struct.pack("!H", port))
    return made.recv(10)[1], made


def asked(gateway: Gateway, host: str, port: int) -> int:
    code, made = connect(gateway, host, port)
    made.close()
    return code


def read_all(made: socket.socket) -> bytes:
    """Until the end, which may be a reset."""
    found = b""
    try:
        while data := made.recv(65_536):
            found += data
    except ConnectionError:
        pass
    return found


def test_it_relays_both_ways_and_counts_what_comes_in(gateway: Gateway, page: Site) -> None:
    passage = gateway.begin(Reach.of([], page.url), PLENTY)
    code, made = connect(gateway, "127.0.0.1", page.port)
    assert code == GRANTED
    made.sendall(b"GET / HTTP/1.0\r\n\r\n")
    answer = read_all(made)
    assert answer.endswith(GOOD.encode())
    assert passage.received == len(answer)
    assert (passage.is_over, passage.refused, passage.unreached) == (False, [], {})


def test_other_places_are_refused_and_noted(gateway: Gateway, page: Site) -> None:
    passage = gateway.begin(Reach.of([], page.url), PLENTY)
    with site({"/": GOOD}) as inner:
        assert asked(gateway, "127.0.0.1", inner.port) == NOT_ALLOWED
        assert asked(gateway, "127.0.0.1", inner.port) == NOT_ALLOWED
        assert asked(gateway, "169.254.169.254", 80) == NOT_ALLOWED
        assert inner.asked == []
    assert len(passage.refused) == 2
    assert passage.refused[0].startswith("127.0.0.1 is an address within the house")
    assert passage.refused[1].startswith("169.254.169.254 is a link-local address")


def test_what_cannot_be_reached_is_noted_with_the_reason(gateway: Gateway) -> None:
    port = free_port()
    passage = gateway.begin(Reach.of([], f"http://127.0.0.1:{port}"), PLENTY)
    assert asked(gateway, "127.0.0.1", port) == UNREACHABLE
    assert asked(gateway, "reports.invalid", 80) == UNREACHABLE
    assert passage.unreached == {
        f"127.0.0.1:{port}": "refused the connection",
        "reports.invalid:80": "has no address that can be found",
    }
    assert passage.refused == []


def test_a_name_is_resolved_once_and_its_checked_address_is_used(page: Site) -> None:
    """A name that leads to an allowed address when asked first, and into the house the next time."""
    answers = [["127.0.0.1"], ["127.0.0.2"]]
    with site({"/": GOOD}), closing(Gateway(lambda host, port: answers.pop(0))) as gateway:
        gateway.begin(Reach.of([f"127.0.0.1:{page.port}"], "http://rebinding.example"), PLENTY)
        code, made = connect(gateway, "rebinding.example", page.port)
        made.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert read_all(made).endswith(GOOD.encode())
        assert (code, answers) == (GRANTED, [["127.0.0.2"]])
        assert asked(gateway, "rebinding.example", page.port) == NOT_ALLOWED


def test_of_several_addresses_only_the_allowed_are_used(page: Site) -> None:
    with closing(Gateway(lambda host, port: ["10.255.255.1", "169.254.169.254", "127.0.0.1"])) as gateway:
        passage = gateway.begin(Reach.of(["127.0.0.1"], "http://reports.example"), PLENTY)
        assert asked(gateway, "reports.example", page.port) == GRANTED
        assert passage.refused == []


def test_everything_is_cut_off_at_the_limit(gateway: Gateway) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def pour() -> None:
            made, _ = server.accept()
            with made:
                try:
                    while True:
                        made.sendall(b"x" * 65_536)
                except OSError:
                    return

        pouring = threading.Thread(target=pour)
        pouring.start()
        passage = gateway.begin(Reach.of([], f"http://127.0.0.1:{port}"), 1_000_000)
        _, made = connect(gateway, "127.0.0.1", port)
        assert len(read_all(made)) <= 1_000_000
        pouring.join(10)
        assert not pouring.is_alive()
        assert passage.is_over
        assert passage.received < 1_100_000
        with socket.create_connection(("127.0.0.1", gateway.port), timeout=10) as later:
            assert read_all(later) == b""


def test_a_check_ends_the_connections_of_the_one_before(gateway: Gateway, page: Site) -> None:
    first = gateway.begin(Reach.of([], page.url), PLENTY)
    _, made = connect(gateway, "127.0.0.1", page.port)
    second = gateway.begin(Reach.of([], page.url), PLENTY)
    assert read_all(made) == b""
    assert asked(gateway, "127.0.0.1", page.port) == GRANTED
    gateway.end()
    assert asked(gateway, "127.0.0.1", page.port) == NOT_ALLOWED
    assert (first.received, first.refused, second.refused) == (0, [], [])


@pytest.mark.parametrize("command", [2, 3])
def test_only_connections_are_relayed(gateway: Gateway, page: Site, command: int) -> None:
    """Neither listening for others nor UDP."""
    gateway.begin(Reach.of([], page.url), PLENTY)
    assert connect(gateway, "127.0.0.1", page.port, command)[0] == NO_SUCH_COMMAND


def test_nonsense_ends_its_own_connection_only(gateway: Gateway, page: Site) -> None:
    gateway.begin(Reach.of([], page.url), PLENTY)
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=10) as odd:
        odd.sendall(b"GET / HTTP/1.0\r\n\r\n" * 20)
        assert read_all(odd) == b""
    assert asked(gateway, "127.0.0.1", page.port) == GRANTED


def test_what_the_browser_asks_by_itself_is_not_held_against_the_page() -> None:
    with closing(Gateway(lambda host, port: ["10.0.0.1"] if host.startswith("accounts") else [])) as gateway:
        passage = gateway.begin(Reach.of([], "http://localhost"), PLENTY)
        assert asked(gateway, "accounts.google.com", 443) == NOT_ALLOWED
        assert asked(gateway, "update.googleapis.com", 443) == UNREACHABLE
        assert asked(gateway, "reports.example", 443) == UNREACHABLE
        assert (passage.refused, passage.unreached) == ([], {"reports.example:443": "has no address that can be found"})


def test_notes_of_a_page_that_tries_everything_stay_few() -> None:
    passage = Passage(Reach.of([], "http://localhost"), PLENTY)
    for number in range(500):
        passage.note_unreached(f"host{number}", 80, "refused the connection")
    assert len(passage.unreached) == 100


def test_nothing_is_left_after_close(page: Site) -> None:
    before = threading.active_count()
    gateway = Gateway()
    gateway.begin(Reach.of([], page.url), PLENTY)
    _, made = connect(gateway, "127.0.0.1", page.port)
    gateway.close()
    gateway.close()
    assert read_all(made) == b""
    wait_for(lambda: threading.active_count() <= before + 1, "the threads to end", 10)  # one of the page's server
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", gateway.port), timeout=1)
