"""Whether a port can be served: Quack itself would share a taken one without a word."""

from __future__ import annotations

import socket

PATIENCE_SECONDS = 2.0


def is_free(host: str, port: int) -> bool:
    """True when nobody listens on `port`.

    Asked by connecting, because binding fails for a minute after the last owner was killed: Quack's connections linger,
    and they may be shared with another Quack but not with a socket of ours.
    """
    try:
        with socket.create_connection((host, port), timeout=PATIENCE_SECONDS) as knocking:
            return bool(knocking.getsockname() == knocking.getpeername())  # connected to itself, so to nobody
    except ConnectionRefusedError:
        return True
    except OSError:
        return False
