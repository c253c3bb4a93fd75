"""Whether a port can be listened on: Quack itself would share a taken one without a word."""

from __future__ import annotations

import socket


def is_free(host: str, port: int) -> bool:
    """True when nobody listens on `port`; a port that was closed a moment ago is free."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
