"""The server around the pages: routes for machines, headers for browsers, options that must be on."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator

import pytest
import streamlit as st
from starlette.testclient import TestClient

from app import server


@pytest.fixture
def client() -> Iterator[TestClient]:
    """The app without its start: routes and middleware only."""
    yield TestClient(server.app)


def test_health_and_metrics_are_for_machines(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    found = client.get("/metrics")
    assert found.status_code == 200
    assert "shewhart_query_seconds" in found.text


def test_every_answer_has_the_headers_that_keep_strangers_out(client: TestClient) -> None:
    headers = client.get("/healthz").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "SAMEORIGIN"
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "http:" not in policy and "https:" not in policy


def test_the_policy_lets_the_inline_script_of_the_page_run_and_no_other() -> None:
    digest = base64.b64encode(hashlib.sha256(b"let it = 1").digest()).decode()
    policy = server.content_policy('<script src="a.js"></script><script>let it = 1</script>')
    assert policy.count("sha256-") == 1
    assert f"'sha256-{digest}'" in policy
    assert "unsafe-inline" not in policy.split("script-src")[1].split(";")[0]


def test_streamlits_own_page_is_covered_by_the_policy() -> None:
    page = server.INDEX.read_text()
    assert server.content_policy(page).count("sha256-") == len(server.INLINE_SCRIPT.findall(page)) > 0


def test_a_start_with_the_slow_collector_of_garbage_is_refused() -> None:
    before = st.get_option("runner.postScriptGC")
    try:
        st.config.set_option("runner.postScriptGC", True)
        with pytest.raises(RuntimeError, match=r"postScriptGC is on; start in the project's root"):
            server.check_options()
        st.config.set_option("runner.postScriptGC", False)
        server.check_options()
    finally:
        st.config.set_option("runner.postScriptGC", before)
