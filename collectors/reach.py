"""Which addresses the page of a report may use, so that watching it opens no way into the house.

A report's address, and whatever its page asks for, may come from somebody else. Public addresses are fine; those within
the house only where the estate names them in `private_hosts`, or where they are the report's own on this machine.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from collectors import web
from config.private_hosts import NEVER, Address, PrivateHost, host_name, private_host
from config.private_hosts import check_private_hosts as check_private_hosts

NAT64 = ip_network("64:ff9b::/96")
FIRST_COMPATIBLE = 0x1_0000  # below are ::, ::1 and what nobody uses; from here ::/96 holds IPv4 addresses


@dataclass(frozen=True, slots=True)
class Reach:
    """The policy of one report. `origin` is its own scheme, host and port, as browsers write it."""

    listed: tuple[PrivateHost, ...]
    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, private_hosts: Iterable[str], url: object) -> Reach:
        """The policy for the report at `url`; raises ValueError for a bad entry."""
        scheme, host, port = place(str(url))
        return cls(tuple(private_host(entry) for entry in private_hosts), scheme, host, port)

    @property
    def origin(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if self.port == web.PORTS.get(self.scheme) else f":{self.port}")

    def is_own(self, url: str) -> bool:
        """Whether `url`, as a browser writes it, is on the report's own scheme, host and port."""
        return url.startswith(f"{self.origin}/")

    def refuse(self, host: str, port: int, address: str) -> None:
        """Raise RefusedAddressError unless the page may use `host` at `port`, which has resolved to `address`."""
        web.refuse_link_local(host, port, address)
        found = innermost(address)
        if any(found.version == never.version and found in never for never in NEVER):
            raise web.RefusedAddressError(f"{_led(host, found)} an address that no report may use; give it another.")
        if not _is_private(found):
            return
        name = host_name(host)
        if self._is_own_machine(name, port, found) or any(one.covers(name, port, found) for one in self.listed):
            return
        raise web.RefusedAddressError(
            f"{_led(host, found)} an address within the house; if reports may use it, name {_entry(name, port)} in "
            "`private_hosts` of the estate."
        )

    def _is_own_machine(self, name: str, port: int, address: Address) -> bool:
        """A name of somebody else that leads to this machine is not this machine."""
        is_local = name == str(address) or name == "localhost" or name.endswith(".localhost")
        return address.is_loopback and is_local and (name, port) == (self.host, self.port)


def place(url: str) -> tuple[str, str, int]:
    """Scheme, host and port; the port that belongs to the scheme where the URL has none."""
    found = urlsplit(url)
    return found.scheme, host_name(found.hostname or ""), found.port or web.PORTS.get(found.scheme, 0)


def innermost(address: str) -> Address:
    """The IPv4 address within an IPv6 one that only carries it, otherwise the address itself."""
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv4Address):
        return found
    carried = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
    is_compatible = FIRST_COMPATIBLE <= int(found) < 2**32
    if carried is None and (found in NAT64 or is_compatible):
        carried = IPv4Address(int(found) & 0xFFFF_FFFF)
    return carried or found


def _is_private(address: Address) -> bool:
    return not address.is_global or (isinstance(address, IPv6Address) and address.is_site_local)


def _led(host: str, address: Address) -> str:
    """Which host leads where: a host may be the address itself."""
    return f"{address} is" if host_name(host) == str(address) else f"{host} leads to {address},"


def _entry(name: str, port: int) -> str:
    return f"[{name}]:{port}" if ":" in name else f"{name}:{port}"
