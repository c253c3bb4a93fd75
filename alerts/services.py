"""Delivery to any service by an apprise URL: Slack, Teams, webhooks and a hundred more.

apprise tells why a delivery failed in its log only, so the log of the one call is read; nothing of the URL but its
kind, and the host where the kind has one, gets into a problem.
"""

from __future__ import annotations

import logging
import re
from typing import Any
from urllib.parse import unquote

import apprise
from apprise.attachment.memory import AttachMemory

from alerts.errors import DeliveryError
from alerts.messages import Message
from alerts.wording import headline, text_of
from store.rows import NoticeKind

TRY_SECONDS = 20.0
SHORTEST_SECRET = 4  # shorter parts of a URL would blot out ordinary words
REFUSED_MESSAGE = {400, 413, 422}  # HTTP: it is the message that is wrong, and it will be the next time
KINDS = {
    "critical": apprise.NotifyType.FAILURE,
    "warning": apprise.NotifyType.WARNING,
    "info": apprise.NotifyType.INFO,
}
WITH_HOST = {"json", "xml", "form", "http", "ntfy", "gotify", "matrix", "mmost", "rocket", "hassio", "mailto"}
HINTS = {
    r"refused": "connection refused",
    r"timed out|timeout": "no answer in time",
    r"resolve|name or service|getaddrinfo": "the host's name is unknown",
    r"certificate": "its certificate is not trusted",
    r"reset|aborted|closed": "the connection broke",
}

_apprise_log = logging.getLogger("apprise")
_apprise_log.setLevel(logging.DEBUG)  # the reason of a failed connection is said at this level
_apprise_log.addHandler(logging.NullHandler())
_apprise_log.propagate = False  # it repeats tokens, and no log of ours may have them


def notify(name: str, url: str, message: Message, address: str, png: bytes | None = None) -> None:
    """Send the message by the URL of channel `name`, with the chart where the service takes files.

    Raises DeliveryError, permanent when the service refuses this very message.
    """
    caller = apprise.Apprise(asset=apprise.AppriseAsset(app_id="Shewhart", app_desc="Shewhart", async_mode=False))
    if not caller.add(url):
        raise DeliveryError(
            f"Channel {name!r} has an apprise URL that cannot be used ({_kind(url)}); compare it with the form of its "
            "service at appriseit.com and correct it in alerts.yaml."
        )
    for service in caller:
        if "overflow=" not in url:  # a service that takes short messages only gets the beginning, with the evidence
            service.overflow_mode = apprise.OverflowMode.TRUNCATE
    files: list[Any] = []
    if png and any(service.attachment_support for service in caller):
        files = [AttachMemory(content=png, name="chart.png", mimetype="image/png")]  # type: ignore[no-untyped-call]
    is_over = message.kind is NoticeKind.RESOLVED
    result = caller.notify(
        title=headline(message),
        body=text_of(message, address),
        notify_type=apprise.NotifyType.SUCCESS if is_over else KINDS.get(message.severity, apprise.NotifyType.INFO),
        body_format=apprise.NotifyFormat.TEXT,
        attach=files or None,
        timeout=TRY_SECONDS,
        log_level=logging.DEBUG,
    )
    if not result:
        raise _error(name, url, result)


def _error(name: str, url: str, result: Any) -> DeliveryError:  # noqa: ANN401 - apprise has no types
    """What the log of a failed call says, without secrets."""
    entries = list(result.logs())
    said = [entry.message for entry in entries if entry.level in ("WARNING", "ERROR", "CRITICAL")]
    debug = " ".join(entry.message for entry in entries if "xception" in entry.message).lower()
    hint = next((text for pattern, text in HINTS.items() if re.search(pattern, debug)), "")
    reason = without_secrets(said[-1] if said else "no reason given", url).rstrip(". ")
    status = re.search(r"error=(\d{3})", reason)
    is_permanent = status is not None and int(status[1]) in REFUSED_MESSAGE
    todo = "" if is_permanent else "; see that the service runs and that its URL in alerts.yaml is right"
    return DeliveryError(f"Channel {name!r}: {reason}{f' ({hint})' if hint else ''}{todo}.", is_permanent)


def without_secrets(text: str, url: str) -> str:
    """`text` in one line, with every part of the URL blotted out but its kind and, where it has one, its host."""
    kind, _, rest = url.partition("://")
    parts = {part for one in (rest, unquote(rest)) for part in (one, *re.split(r"[/:@?&=,;#\s]+", one))}
    if kind.lower().removesuffix("s") in WITH_HOST:
        parts.discard(_host(rest))
    for part in sorted(parts, key=len, reverse=True):
        if len(part) >= SHORTEST_SECRET:
            text = re.sub(rf"(?<![A-Za-z0-9]){re.escape(part)}", "***", text)
    return " ".join(text.split())[:400]


def _host(rest: str) -> str:
    """The host of what stands behind `kind://`."""
    return re.split(r"[/?#]", rest)[0].rpartition("@")[2].partition(":")[0]


def _kind(url: str) -> str:
    """`slack://...`, which tells the service and nothing else."""
    kind, separator, _ = url.partition("://")
    is_plain = separator and re.fullmatch(r"[A-Za-z0-9+.-]{1,20}", kind)
    return f"{kind}://..." if is_plain else "it does not begin as in slack://"
