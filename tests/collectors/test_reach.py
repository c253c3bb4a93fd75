"""Which addresses a report may use: the policy itself, and a report over HTTP that is led elsewhere."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.reach import Reach, check_private_hosts
from collectors.sources.http_checks import check, collect
from collectors.web import RefusedAddressError
from config.reports import Report
from store.rows import CheckState, ReportCheck
from tests.collectors.answering import Asked, Reply, answering
from tests.collectors.support import NOW, context, rows

PUBLIC = ("93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34", "64:ff9b::5db8:d822")
PRIVATE = (
    "127.0.0.1", "127.8.8.8", "::1", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1",
    "fc00::1", "fd12:3456::1", "fec0::1", "::ffff:10.1.2.3", "::ffff:127.0.0.1", "64:ff9b::a01:203", "2002:a01:203::1",
    "::10.1.2.3", "198.18.0.1", "192.0.2.1", "240.0.0.1",
)  # fmt: skip
NEVER = (
    "169.254.169.254", "169.254.1.1", "fe80::1", "fe80::1%eth0", "fd00:ec2::254", "fd20:ce::254", "::ffff:169.254.1.1",
    "64:ff9b::a9fe:a9fe", "100.100.100.200", "192.0.0.192", "168.63.129.16", "224.0.0.1", "ff02::1", "0.0.0.0", "::",
    "::ffff:0.0.0.0", "0.1.2.3", "255.255.255.255",
)  # fmt: skip
EVERYTHING = ["0.0.0.0/0", "::/0", "reports.corp", "*.corp", "localhost"]


def may_use(reach: Reach, host: str, port: int, address: str) -> bool:
    try:
        reach.refuse(host, port, address)
    except RefusedAddressError:
        return False
    return True


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_fine(address: str) -> None:
    assert may_use(Reach.of([], "https://reports.example/"), "cdn.example", 443, address)


@pytest.mark.parametrize("address", PRIVATE)
def test_the_house_is_closed_unless_it_is_listed(address: str) -> None:
    url = "http://reports.corp/"
    assert not may_use(Reach.of([], url), "reports.corp", 80, address)
    assert not may_use(Reach.of([], url), address, 80, address)
    assert may_use(Reach.of(["reports.corp"], url), "reports.corp", 80, address)
    assert may_use(Reach.of(["0.0.0.0/0", "::/0"], url), "other.corp", 80, address)


@pytest.mark.parametrize("address", NEVER)
@pytest.mark.parametrize("host", ["reports.corp", "localhost", ""])
def test_metadata_link_local_and_multicast_are_closed_whatever_is_listed(address: str, host: str) -> None:
    assert not may_use(Reach.of(EVERYTHING, f"http://{host or '10.1.1.1'}/"), host or address, 80, address)


@pytest.mark.parametrize(
    ("entry", "host", "port", "address", "is_allowed"),
    [
        ("reports.corp", "Reports.Corp.", 443, "10.0.0.1", True),
        ("reports.corp", "x.reports.corp", 443, "10.0.0.1", False),
        ("reports.corp", "xreports.corp", 443, "10.0.0.1", False),
        ("reports.corp:443", "reports.corp", 443, "10.0.0.1", True),
        ("reports.corp:443", "reports.corp", 80, "10.0.0.1", False),
        ("*.corp", "a.b.corp", 80, "10.0.0.1", True),
        ("*.corp", "corp", 80, "10.0.0.1", False),
        ("*.corp", "evilcorp", 80, "10.0.0.1", False),
        ("*.corp:8080", "a.corp", 80, "10.0.0.1", False),
        ("bücher.corp", "xn--bcher-kva.corp", 80, "10.0.0.1", True),
        ("localhost", "localhost", 9000, "127.0.0.1", True),
        ("localhost", "127.0.0.1", 9000, "127.0.0.1", False),
        ("127.0.0.1", "localhost", 9000, "127.0.0.1", True),
        ("10.1.0.0/16", "any.example", 80, "10.1.255.1", True),
        ("10.1.0.0/16", "any.example", 80, "10.2.0.1", False),
        ("10.1.0.0/16:443", "any.example", 80, "10.1.0.1", False),
        ("10.1.0.0/16", "any.example", 80, "::ffff:10.1.0.1", True),
        ("fd12::/16", "any.example", 80, "fd12::7", True),
        ("[fd12::7]:443", "any.example", 443, "fd12::7", True),
        ("[fd12::7]:443", "any.example", 80, "fd12::7", False),
        ("[fd12::/16]:443", "any.example", 443, "fd12::9", True),
        ("fd12::7", "[fd12::7]", 80, "fd12::7", True),
    ],
)
def test_an_entry_means_what_it_says(entry: str, host: str, port: int, address: str, is_allowed: bool) -> None:
    assert may_use(Reach.of([entry], "https://reports.example/"), host, port, address) is is_allowed


@pytest.mark.parametrize(
    ("url", "host", "port", "address", "is_allowed"),
    [
        ("http://localhost:8501/", "localhost", 8501, "127.0.0.1", True),
        ("http://localhost:8501/", "localhost", 8501, "::1", True),
        ("http://localhost:8501/", "localhost", 9494, "127.0.0.1", False),
        ("http://localhost:8501/", "127.0.0.1", 8501, "127.0.0.1", False),
        ("http://127.0.0.1/", "127.0.0.1", 80, "127.0.0.1", True),
        ("http://[::1]:8501/", "[::1]", 8501, "::1", True),
        ("http://app.localhost/", "app.localhost", 80, "127.0.0.1", True),
        ("http://localhost:8501/", "localhost", 8501, "10.0.0.1", False),  # a resolver that lies
        (
            "http://evil.example:9494/",
            "evil.example",
            9494,
            "127.0.0.1",
            False,
        ),  # somebody else's name for this machine
        ("http://10.0.0.1/", "10.0.0.1", 80, "10.0.0.1", False),
    ],
)
def test_this_machine_is_open_where_the_report_itself_is(
    url: str, host: str, port: int, address: str, is_allowed: bool
) -> None:
    assert may_use(Reach.of([], url), host, port, address) is is_allowed


@given(st.ip_addresses() | st.ip_addresses(v=4, network="127.0.0.0/8") | st.ip_addresses(v=6, network="fc00::/7"))
def test_no_address_of_the_house_is_open_without_being_listed(address: IPv4Address | IPv6Address) -> None:
    if may_use(Reach.of([], "https://reports.example/"), "any.example", 443, str(address)):
        assert address.is_global
        assert not address.is_multicast


@given(st.text())
def test_any_entry_is_accepted_or_told_in_a_sentence(entry: str) -> None:
    try:
        check_private_hosts([entry])
    except ValueError as error:
        assert str(error).startswith("found ")


@pytest.mark.parametrize(
    "entry",
    ["", "*", "*.", "http://reports.corp", "reports.corp/x", "a b", "a,b", "10.1.2", "10.1.0.1/16", "10.1.0.0/33",
     "reports.corp:0", "reports.corp:70000", "reports.corp:http", "[fd12::7", "re*.corp", "a..b"],
)  # fmt: skip
def test_a_bad_entry_is_told(entry: str) -> None:
    with pytest.raises(ValueError, match=r"^found .*, expected "):
        check_private_hosts(["10.0.0.0/8", entry])


@pytest.mark.parametrize("entry", ["169.254.169.254", "169.254.0.0/16", "fe80::1", "224.0.0.0/4", "0.0.0.0"])
def test_what_is_never_open_cannot_be_listed(entry: str) -> None:
    with pytest.raises(ValueError, match="which no report may ever use"):
        check_private_hosts([entry])


def test_the_sentences_say_what_leads_where_and_what_to_do() -> None:
    reach = Reach.of([], "https://reports.example/")
    with pytest.raises(RefusedAddressError) as named:
        reach.refuse("wiki.corp", 8443, "10.1.2.3")
    assert str(named.value) == (
        "wiki.corp leads to 10.1.2.3, an address within the house; if reports may use it, name wiki.corp:8443 in "
        "`private_hosts` of the estate."
    )
    with pytest.raises(RefusedAddressError, match=r"^fd12::1 is an address within .* name \[fd12::1\]:80 in"):
        reach.refuse("[fd12::1]", 80, "fd12::1")
    with pytest.raises(RefusedAddressError, match=r"^x leads to 224.0.0.1, an address that no report may use;"):
        reach.refuse("x", 80, "224.0.0.1")


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("http://Reports.Corp:80/a?b", "http://reports.corp"),
        ("https://reports.corp:8443/", "https://reports.corp:8443"),
        ("https://u:p@[::1]/", "https://[::1]"),
    ],
)
def test_the_origin_is_written_as_browsers_do(url: str, origin: str) -> None:
    reach = Reach.of([], url)
    assert reach.origin == origin
    assert reach.is_own(f"{origin}/x")
    assert not reach.is_own(f"{origin}.evil.example/x")
    assert not reach.is_own(origin.replace("http", "ws", 1))


def asked_over_http(url: str, private_hosts: list[str]) -> ReportCheck:
    report = {"id": "r", "title": "R", "url": url, "subsystem": "s", "check": "http", "timeout_seconds": 5}
    return check(Report.model_validate(report), NOW, private_hosts=private_hosts)


def test_a_report_over_http_is_not_followed_into_the_house() -> None:
    with answering(lambda _: Reply({"secret": 1})) as (inner, asked):

        def lead(found: Asked) -> Reply:
            return Reply(status=302, headers={"Location": f"{inner}/keys"})

        with answering(lead) as (outer, _):
            refused = asked_over_http(outer, [])
            assert (refused.state, asked) == (CheckState.UNKNOWN, [])
            assert refused.message is not None
            assert f"name {inner.removeprefix('http://')} in `private_hosts`" in refused.message
            assert asked_over_http(outer, ["127.0.0.1"]).state is CheckState.UP
            assert [one.path for one in asked] == ["/keys"]


def test_the_estate_says_where_reports_over_http_may_go(tmp_path) -> None:  # type: ignore[no-untyped-def]
    with answering(lambda _: Reply({})) as (inner, _):

        def lead(found: Asked) -> Reply:
            return Reply(status=302, headers={"Location": f"{inner}/"})

        with answering(lead) as (outer, _):
            report = {"id": "r", "title": "R", "url": outer, "subsystem": "s", "check": "http"}
            for listed, state in (([], CheckState.UNKNOWN), (["127.0.0.0/8"], CheckState.UP)):
                (found,) = rows(collect(context(tmp_path, reports=[report], private_hosts=listed)))
                assert isinstance(found, ReportCheck)
                assert found.state is state


def test_the_parts_of_this_file_are_addresses() -> None:
    for address in (*PUBLIC, *PRIVATE, *NEVER):
        ip_address(address.partition("%")[0])
