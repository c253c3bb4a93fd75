"""Certificates of reports, on a real TLS server: the days they have left, and those nobody should trust."""

from __future__ import annotations

import ipaddress
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from collectors.sources.http_checks import check
from config.reports import Report
from store import clock
from store.rows import CheckState
from tests.collectors.portal import Portal, look, verdict


def certificate(folder: Path, days: int) -> Path:
    """A certificate for 127.0.0.1 that ends in `days`, with its key, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=400))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "server.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture(params=[30, -1])
def secure_portal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Path, int]]:
    path = certificate(tmp_path, request.param)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Portal)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(path)
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"https://127.0.0.1:{server.server_port}/good", path, request.param
    server.shutdown()
    server.server_close()


def test_the_days_left_of_a_certificate_and_one_that_has_ended(
    secure_portal: tuple[str, Path, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, trusted, days = secure_portal
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(trusted))
    report = Report.model_validate({"id": "r", "title": "R", "url": url, "subsystem": "s", "check": "http"})
    found = check(report, clock.now())
    if days > 0:
        assert found.state is CheckState.UP
        assert found.tls_days_left == pytest.approx(days, abs=0.01)
    else:
        assert verdict(found) == ("down", "reachable", None)
        assert found.message == "The certificate is not accepted: certificate has expired."


def test_a_certificate_nobody_vouches_for_is_down(secure_portal: tuple[str, Path, int]) -> None:
    found = look(secure_portal[0])
    assert found.state is CheckState.DOWN
    assert found.message is not None
    assert found.message.startswith("The certificate is not accepted: ")
