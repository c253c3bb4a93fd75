"""A port is taken while somebody listens, and free the moment nobody does, whatever lingers."""

from __future__ import annotations

import socket

from store.ports import is_free
from tests.processes import free_port

HOST = "127.0.0.1"


def shared(port: int) -> socket.socket:
    """A listener as Quack makes one."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind((HOST, port))
    listener.listen()
    return listener


def test_a_port_that_somebody_listens_on_is_taken() -> None:
    port = free_port()
    with shared(port):
        assert not is_free(HOST, port)
    assert is_free(HOST, port)


def test_connections_of_a_killed_owner_do_not_keep_its_port() -> None:
    port = free_port()
    listener = shared(port)
    with socket.create_connection((HOST, port)):
        answered, _ = listener.accept()
        answered.close()  # the side that ends first lingers
        listener.close()
        assert is_free(HOST, port)
        shared(port).close()
