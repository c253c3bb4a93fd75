"""A login is found by its name, is kept from others, and never shows up in what people read."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from collectors.reports.browser import find_browser
from collectors.reports.secrets import SecretError, headers, secret, storage_state
from config.reports import Login
from tests.e2e.conftest import QUIET

VALUE = "correct-horse-battery"
COOKIE = {"name": "session", "value": VALUE, "domain": "reports.example", "path": "/"}
STATE = {
    "cookies": [COOKIE | {"expires": -1, "httpOnly": True, "secure": True, "sameSite": "Lax"}],
    "origins": [{"origin": "https://reports.example", "localStorage": [{"name": "token", "value": VALUE}]}],
}


def put(home: Path, name: str, text: str | bytes, mode: int = 0o600) -> Path:
    path = home / "secrets" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    path.chmod(mode)
    return path


def told(error: pytest.ExceptionInfo[SecretError]) -> str:
    """All that a log could show of an error, with whatever it is chained to."""
    return "".join(traceback.format_exception(error.value)) + repr(error.value) + repr(error.value.__context__)


def test_the_environment_comes_before_the_file(tmp_path: Path) -> None:
    put(tmp_path, "sales-bot", "from the file\n")
    assert secret("sales-bot", tmp_path, {}) == "from the file"
    assert secret("sales-bot", tmp_path, {"SHEWHART_SECRET_SALES_BOT": VALUE}) == VALUE


def test_the_process_environment_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHEWHART_SECRET_SALES_BOT", VALUE)
    assert secret("sales-bot", tmp_path) == VALUE


def test_a_missing_secret_says_where_to_put_it(tmp_path: Path) -> None:
    with pytest.raises(SecretError) as error:
        secret("sales-bot", tmp_path, {})
    assert str(error.value) == (
        "There is no secret “sales-bot”; set SHEWHART_SECRET_SALES_BOT, "
        f"or write it to {tmp_path}/secrets/sales-bot and run chmod 600 on it."
    )


@pytest.mark.parametrize("name", ["", "../store.token", "a/b", "A", "a_b", "a.b", "a\n", "ä", "a" * 101])
def test_a_name_is_not_a_path(tmp_path: Path, name: str) -> None:
    (tmp_path / "store.token").write_text(VALUE)
    with pytest.raises(SecretError, match="is no name of a secret"):
        secret(name, tmp_path, {})


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o620, 0o601])
def test_a_file_that_others_may_use_is_refused(tmp_path: Path, mode: int) -> None:
    path = put(tmp_path, "sales-bot", VALUE, mode)
    with pytest.raises(SecretError) as error:
        secret("sales-bot", tmp_path, {})
    assert str(error.value) == (f"{path} may be used by others (mode {mode:o}, expected 600); run chmod 600 {path}.")
    assert VALUE not in told(error)


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_file_of_our_own_is_read(tmp_path: Path, mode: int) -> None:
    put(tmp_path, "sales-bot", VALUE, mode)
    assert secret("sales-bot", tmp_path, {}) == VALUE


def test_a_link_counts_by_what_it_leads_to(tmp_path: Path) -> None:
    put(tmp_path, "mounted", VALUE, 0o644)
    (tmp_path / "secrets" / "sales-bot").symlink_to("mounted")
    with pytest.raises(SecretError, match="may be used by others"):
        secret("sales-bot", tmp_path, {})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("\n\r\n", "is empty"),
        (b"\xff\xfe\x00", "not text in UTF-8"),
        ("x" * 1_000_001, "longer than"),
    ],
)
def test_a_file_of_no_use_is_said(tmp_path: Path, text: str | bytes, said: str) -> None:
    put(tmp_path, "sales-bot", text)
    with pytest.raises(SecretError, match=said):
        secret("sales-bot", tmp_path, {})


def test_a_folder_is_no_secret(tmp_path: Path) -> None:
    (tmp_path / "secrets" / "sales-bot").mkdir(parents=True)
    with pytest.raises(SecretError, match="is a folder"):
        secret("sales-bot", tmp_path, {})


def test_a_header_has_its_name_and_the_secret(tmp_path: Path) -> None:
    put(tmp_path, "sales-bot", f"Bearer {VALUE}\n")
    login = Login.model_validate({"header": {"name": "Authorization", "secret": "sales-bot"}})
    assert headers(login, tmp_path, {}) == {"Authorization": f"Bearer {VALUE}"}
    assert headers(Login(state="sales-bot"), tmp_path, {}) == {}
    assert headers(None, tmp_path, {}) == {}


@pytest.mark.parametrize("value", [f"{VALUE}\r\nX-Admin: 1", f"{VALUE}\x00", f"{VALUE}é"])
def test_a_header_cannot_be_split(tmp_path: Path, value: str) -> None:
    login = Login.model_validate({"header": {"name": "Authorization", "secret": "sales-bot"}})
    with pytest.raises(SecretError, match="cannot be sent as a header") as error:
        headers(login, tmp_path, {"SHEWHART_SECRET_SALES_BOT": value})
    assert VALUE not in told(error)


def test_a_browser_state_is_given_as_it_was_recorded(tmp_path: Path) -> None:
    put(tmp_path, "sales-bot", json.dumps(STATE))
    assert storage_state("sales-bot", tmp_path, {}) == STATE


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (f"{{'token': '{VALUE}'", "is no JSON object"),
        ("[" * 100_000, "is no JSON object"),
        (json.dumps([VALUE]), "is no JSON object"),
        (json.dumps({"token": VALUE}), "is empty, so it signs nobody in"),
        (json.dumps({"cookies": VALUE}), "has something unexpected at cookies,"),
        (json.dumps({"cookies": [COOKIE, {"name": VALUE}]}), "unexpected at cookies.1.value,"),
        (json.dumps({"cookies": [COOKIE | {"expires": VALUE}]}), "unexpected at cookies.0.expires,"),
        (json.dumps({"cookies": [COOKIE | {"sameSite": VALUE}]}), "unexpected at cookies.0.sameSite,"),
        (json.dumps({"origins": [{"localStorage": []}]}), "unexpected at origins.0.origin,"),
        (json.dumps({"origins": [{"origin": "x", "localStorage": [VALUE]}]}), "at origins.0.localStorage.0,"),
        (json.dumps({"cookies": [], "origins": []}), "signs nobody in"),
    ],
)
def test_a_state_of_another_shape_is_said_without_what_it_holds(
    tmp_path: Path, state: str, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    put(tmp_path, "sales-bot", state)
    with caplog.at_level(logging.DEBUG), pytest.raises(SecretError) as error:
        storage_state("sales-bot", tmp_path, {})
    assert said in str(error.value)
    assert "“sales-bot”" in str(error.value)
    assert VALUE not in told(error) + caplog.text


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=find_browser(), args=QUIET)
        yield found
        found.close()


@pytest.mark.browser
def test_what_a_real_browser_recorded_signs_in_another(tmp_path: Path, browser: Browser) -> None:
    with browser.new_context() as first:
        first.add_cookies([{"name": "session", "value": VALUE, "url": "https://reports.example"}])
        recorded: Any = first.storage_state()
    put(tmp_path, "sales-bot", json.dumps(recorded))
    with browser.new_context(storage_state=storage_state("sales-bot", tmp_path, {})) as second:  # type: ignore[arg-type]
        (cookie,) = second.cookies("https://reports.example")
        assert cookie.get("value") == VALUE
