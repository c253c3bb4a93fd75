"""Hosts and networks within the house that reports may use: the entries of the estate's `private_hosts`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

EXPECTED = "expected a host (reports.corp, *.corp), an address or a network (10.1.0.0/16), with or without :port"
NAME = re.compile(r"(\*\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")
NUMBERS = re.compile(r"[0-9.]+")
BRACKETED = re.compile(r"\[(?P<host>[^\]]*)\](:(?P<port>[0-9]+))?")
PLAIN = re.compile(r"(?P<host>[^:]*)(:(?P<port>[0-9]+))?")
NEVER = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8", "::/128",  # unspecified: many systems take it for loopback
        "169.254.0.0/16", "fe80::/10",  # link-local, with the metadata of most clouds
        "fd00:ec2::254/128", "fd20:ce::254/128",  # metadata of AWS and of Google over IPv6
        "100.100.100.200/32", "192.0.0.192/32", "168.63.129.16/32",  # metadata of Alibaba, Oracle and Azure
        "224.0.0.0/4", "ff00::/8", "255.255.255.255/32",  # multicast, broadcast
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PrivateHost:
    """One entry: a name (`*.` in front: all names below it) or a network, at one port or at all of them."""

    name: str
    network: Network | None
    port: int | None

    def covers(self, host: str, port: int, address: Address) -> bool:
        """Whether `host` (as by `host_name`) with this address and port is meant."""
        if self.port not in (None, port):
            return False
        if self.network is not None:
            return address in self.network
        return host.endswith(self.name[1:]) if self.name.startswith("*.") else host == self.name


def host_name(text: str) -> str:
    """A host as names are compared: lower case, international names in ASCII, addresses in their usual form."""
    text = text.strip("[]").rstrip(".").lower()
    try:
        return str(ip_address(text))
    except ValueError:
        pass
    try:
        return text.encode("idna").decode()
    except UnicodeError:
        return text


def private_host(text: str) -> PrivateHost:
    """The entry that `text` stands for; raises ValueError with one sentence."""
    is_bare_ipv6 = text.count(":") > 1 and not text.startswith("[")
    found = None if is_bare_ipv6 else (BRACKETED.fullmatch(text) or PLAIN.fullmatch(text))
    if found is None and not is_bare_ipv6:
        raise ValueError(f"found {text!r}, {EXPECTED}")
    host = text if found is None else found["host"]
    port = None if found is None or found["port"] is None else int(found["port"])
    if port is not None and not 1 <= port <= 65535:
        raise ValueError(f"found port {port} in {text!r}, expected 1 to 65535")
    try:
        network = ip_network(host)
    except ValueError:
        return PrivateHost(_checked_name(host, text), None, port)
    if any(network.version == never.version and network.subnet_of(never) for never in NEVER):  # type: ignore[arg-type]
        raise ValueError(f"found {text!r}, which no report may ever use (link-local, metadata, multicast); remove it")
    return PrivateHost("", network, port)


def check_private_hosts(entries: Iterable[str]) -> list[str]:
    """The same entries; raises ValueError with one sentence for the first bad one."""
    kept = list(entries)
    for entry in kept:
        private_host(entry)
    return kept


def _checked_name(host: str, text: str) -> str:
    name = host.rstrip(".").lower()
    start = "*." if name.startswith("*.") else ""
    name = start + host_name(name.removeprefix("*."))
    if "/" in host and NUMBERS.fullmatch(host.partition("/")[0]):
        raise ValueError(f"found {text!r}, expected a network such as 10.1.0.0/16, its host bits zero")
    if not NAME.fullmatch(name) or NUMBERS.fullmatch(name):
        raise ValueError(f"found {text!r}, {EXPECTED}")
    return name
