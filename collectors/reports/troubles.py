"""What says that a page is no report: a login form, an error page, an application's exception, something over it.

Words alone prove nothing, for a report may speak of errors: they count where they are all that the page says.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page

from collectors.reports import in_page
from collectors.reports.applications import ERRORS, FAILURES, PHRASES
from collectors.reports.arriving import address, host
from collectors.reports.base import Target
from store.rows import Fault

LOGIN_PATH = re.compile(
    r"(?:^|[/._-])(?:log-?in|log-?on|sign-?in|signon|sso|saml2?|oauth2?|authorize|auth|adfs|openid|cas)(?:[/._-]|$)",
    re.I,
)
LOGIN_HOST = re.compile(r"^(?:login|signin|sso|auth|accounts|idp|adfs)\.|\.okta\.com$|\.auth0\.com$", re.I)
STATUS = r"(?:http )?(?:error|status|status code|fehler)?[ :#-]*(?:[45]\d\d)"
REASON = "|".join(
    (
        "internal server error|bad gateway|service (?:temporarily )?unavailable|gateway time-?out",
        "page not found|not found",
        "forbidden|unauthori[sz]ed|access denied|bad request|too many requests|request time-?out|application error",
        "temporarily unavailable|server error|internal error|web server is down|connection timed out",
        "seite nicht gefunden",
    )
)
SORRY = "|".join(
    (
        r"(?:oops|uh.oh|sorry)?[,!. ]*something (?:went|has gone|is) (?:wrong|broken).{0,60}",
        r"oops|whitelabel error page",
        r"application error.*|an? (?:unexpected |internal |unknown )?error (?:has )?occurred.*",
        r"server error in .{0,40}application.*|sorry[,!. ]+(?:an error|the page|we).{0,80}|proxy error|database error",
        r"this (?:page|site|app|application) (?:isn.t|is not|is currently un|can.t be) .{0,60}",
        r"(?:the )?(?:page|site|server|service|report|dashboard|application|system) (?:you requested )?(?:is|are) "
        r"(?:currently |temporarily )?(?:unavailable|down|not available|under maintenance|being maintained).{0,60}",
        r"we.?(?:ll| will) be (?:right )?back.{0,40}|(?:be right |back )(?:back|soon).{0,40}",
        r"(?:site |currently )?under (?:scheduled |planned )?maintenance.{0,40}",
        r"(?:down|closed) for (?:scheduled |planned )?maintenance.{0,40}|upstream (?:connect error|request timeout).*",
        r"no healthy upstream|no server is available.*|error establishing a database connection",
        r"ein (?:unerwarteter )?fehler ist aufgetreten.*|error loading (?:report|page|dashboard).*",
        r"(?:failed|unable) to (?:load|connect|fetch).{0,60}|(?:parse|fatal|uncaught) ?error:.*",
        r"(?:your )?session (?:has )?(?:expired|timed out).*",
        r"(?:sorry[,. ]+)?you (?:do not|don.t) have (?:the )?(?:access|permissions?|rights?)\b.{0,100}",
        r"(?:the|this) (?:report|dashboard|workbook|view|page|chart) (?:does not exist|doesn.t exist|could not be found"
        r"|can.?not be found|was (?:deleted|removed)|has been (?:deleted|removed|archived)|is no longer available)"
        r".{0,60}",
        r"checking (?:your browser|if the site connection is secure).{0,80}|just a moment|verify(?:ing)? (?:that )?you "
        r"are (?:a )?human.{0,80}|access (?:to .{1,60} )?(?:is|was|has been) (?:blocked|denied|restricted).{0,80}",
        r"your (?:licen[sc]e|trial|subscription) (?:has )?expired.{0,60}|zugriff verweigert|keine berechtigung.{0,60}",
    )
)
WEAK = re.compile(  # words that are a report's subject as well
    r"^(?:(?:scheduled |planned )?maintenance(?: mode| in progress)?|wartung(?:sarbeiten|smodus)?"
    r"|(?:fatal )?error|fehler|(?:40[0-9]|50[0-9]))[.!…:]*$",
    re.I,
)
CODE = r"(?:http )?(?:error|status|status code|fehler|http)[ :#-]*[45]\d\d"  # a bare number may be a figure
NAMED = rf"(?:{STATUS})?[ :.,–—|-]*(?:{REASON})(?: [-–—(]?\s*(?:{STATUS})\)?)?"
HEAD = re.compile(rf"^(?:{CODE}|{NAMED}|{SORRY})[\s.!…:]*$", re.I)
MOST_LETTERS = 1500  # more than that is no error page
FRAME_SHARE = 0.03  # of the window
CELLS = 4  # so much of a table is data


ASKS_WHO = re.compile(
    r"^(?:(?:pick|choose|select) an account|(?:please )?(?:sign|log) in (?:again )?to (?:continue|view|see|access)\b"
    r".{0,60}"
    r"|you (?:need to|must|have to) (?:be )?(?:sign|log)(?:ged)?.?in\b.{0,60}"
    r"|(?:you are being )?redirect(?:ed|ing)(?: you)? to (?:your |the |our )?(?:identity provider|sign.?in|log.?in|sso"
    r"|single sign).{0,80})[.!…]*$",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong, and the sentence that says so."""

    fault: Fault
    message: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What the page's frames told of themselves, and whether all that the report promises is there.

    `has_promise` is False when the report promises nothing, so that what is there proves nothing.
    """

    main: Mapping[str, Any]
    frames: Sequence[Mapping[str, Any]]
    broken_frames: Sequence[str]
    is_kept: bool
    has_promise: bool


def examine(page: Page, target: Target, *, is_kept: bool, has_promise: bool) -> Seen | None:
    """Ask all frames; None while the page is on its way to another."""
    argument = {"errors": list(ERRORS), "phrases": PHRASES, "failures": FAILURES, "own": target.report.errors}
    answers = in_page.on_frames(page, "troubles", argument)
    answers = answers[:1] + [one for one in answers[1:] if _is_content(in_page.about(one[0]))]
    if not answers or answers[0][0] != page.main_frame:
        return None
    return Seen(
        answers[0][1], [answer for _frame, answer in answers], _broken_frames(page), is_kept, has_promise and is_kept
    )


def _is_content(about: Mapping[str, Any]) -> bool:
    """Whether a frame is part of what the page shows, not something small, or floating above it."""
    return not about.get("is_floating") and about.get("share", 0) >= FRAME_SHARE


def login(page: Page, target: Target, seen: Seen, *, has_moved: bool) -> Trouble | None:
    """Whether somebody must sign in first. A page that keeps its promises needs no login, whatever its address."""
    main = seen.main
    if seen.has_promise:
        return None
    where = f"{host(page.url)}{urlsplit(page.url).path}"
    has_form = main["passwords"] > 0
    is_bare = main["text"] < 800 and main["cells"] < CELLS and main["drawings"] == 0
    declared = urlsplit(address(target))
    was_login = bool(LOGIN_PATH.search(declared.path)) and not has_moved and seen.is_kept
    named = bool(LOGIN_PATH.search(urlsplit(page.url).path) or LOGIN_HOST.search(urlsplit(page.url).hostname or ""))
    if has_moved and (has_form or (named and is_bare)):
        return Trouble(Fault.LOGIN_REQUIRED, f"Led to a login page, {where}, expected the report; give it a `login`.")
    if has_form and (is_bare or main["digits"] < 20) and not was_login:
        return Trouble(Fault.LOGIN_REQUIRED, "Shows a login form in place of the report; give it a `login`.")
    is_empty = is_bare and main["text"] < 400 and main["buttons"] <= 6 and main["digits"] < 4 and main["frames"] == 0
    asking = next((line for line in [*main["headings"], *main["lines"]] if ASKS_WHO.match(line)), None)
    if is_empty and not was_login and (asking or main["hands_over"]):
        told = (asking or main["start"])[:80]
        return Trouble(Fault.LOGIN_REQUIRED, f"Asks who is there (“{told}”) in place of the report; give it a `login`.")
    if main["signs"] and is_empty and not was_login:
        told = main["signs"][0].strip()[:60]
        return Trouble(Fault.LOGIN_REQUIRED, f"Shows “{told}” in place of the report; give it a `login`.")
    return None


def application_error(seen: Seen) -> Trouble | None:
    """An exception or error block that the page's application shows, or that the report's own `errors` name."""
    for frame in seen.frames:
        for what, told in frame["blocks"]:
            return Trouble(Fault.EXCEPTION, f"Shows an error ({what}): {told}")
        for selector, told in frame["own"]:
            return Trouble(Fault.EXCEPTION, f"Shows `{selector}`, which `errors` names: {told}")
    return None


def error_page(seen: Seen) -> Trouble | None:
    """A page, or a frame of it, that is an error and nothing else."""
    if seen.broken_frames:
        return Trouble(Fault.ERROR_PAGE, f"The frame {seen.broken_frames[0]}, expected its content.")
    for frame in seen.frames:
        told = None if frame is seen.main and seen.has_promise else _said(frame)
        if told:
            return Trouble(Fault.ERROR_PAGE, f"Answered like a page but is an error: “{told}”")
    return None


def failed_part(seen: Seen) -> Trouble | None:
    """A part of the page, or a message over it, that says that it has failed."""
    told = next((told for frame in seen.frames for told in frame["failures"]), None)
    return None if told is None else Trouble(Fault.EXCEPTION, f"A part of the page says that it failed: {told}")


def foreign_content(content_type: str, seen: Seen) -> Trouble | None:
    """An answer that is no page: allowed when what the report promises is in it."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind in {"", "text/html", "application/xhtml+xml", "image/svg+xml"} or kind.startswith("image/"):
        return None
    if seen.has_promise or _said(seen.main):
        return None
    return Trouble(Fault.ERROR_PAGE, f"Answered with {kind}, expected a page (text/html).")


def _said(frame: Mapping[str, Any]) -> str | None:
    """What a page that is nothing but an error says."""
    found = _json_error(frame["body"])
    if found:
        return found
    has_data = frame["cells"] >= CELLS or frame["drawings"] > 1
    if frame["has_trace"] and not has_data:
        return str(next(iter(frame["lines"]), "a traceback"))[:160]
    if frame["text"] > MOST_LETTERS or has_data or frame["is_streamlit"]:
        return None
    heads = [*frame["headings"][:2], *frame["lines"][:2]]
    is_bare = frame["cells"] == 0 and frame["drawings"] == 0 and frame["text"] < MOST_LETTERS / 3
    is_bare = is_bare and frame["digits"] <= 8
    is_error = any(HEAD.match(head.strip()) or (is_bare and WEAK.match(head.strip())) for head in heads)
    is_titled = is_bare and bool(HEAD.match(frame["title"]))
    return str(frame["start"] or frame["title"])[:160] if is_error or is_titled else None


def _json_error(body: str) -> str | None:
    if not body.startswith(("{", "[")):
        return None
    try:
        found = json.loads(body)
    except ValueError:
        return None
    if not isinstance(found, dict):
        return None
    for key in ("error", "errors", "exception", "fault", "traceback", "detail"):
        if found.get(key):
            return body[:160]
    status = found.get("status") or found.get("code") or found.get("statusCode")
    return body[:160] if status in {"error", "fail", "failed"} or (isinstance(status, int) and status >= 400) else None


def _broken_frames(page: Page) -> list[str]:
    """Frames of the page's own content that failed to load."""
    found = []
    for frame in page.frames[1 : in_page.MOST_FRAMES]:
        if not frame.url.startswith("chrome-error:"):
            continue
        here = in_page.about(frame)
        is_large = here.get("width", 0) >= 200 and here.get("height", 0) >= 100
        if here.get("is_visible") and is_large and not here.get("is_floating"):
            found.append(f"`{here.get('name') or 'without a name'}` did not load")
    return found
