"""A notification as a mail: text and HTML, the chart inside, threaded by incident; and its way to the mail server."""

from __future__ import annotations

import contextlib
import hashlib
import re
import smtplib
import ssl
from collections.abc import Iterator, Sequence
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from html import escape

from alerts.errors import DeliveryError
from alerts.letters import Letter, filled, shown_pictures
from alerts.messages import Message
from alerts.pictures import HEIGHT, WIDTH
from alerts.wording import evidence_of, facts_of, headline, link_of, one_line, text_of
from config.alerting import Mail
from store.rows import NoticeKind

TIMEOUT_SECONDS = 15.0
TLS_PORT = 465  # where the connection is encrypted from its first byte
REFUSED_FOR_GOOD = 500
COLOURS = {"critical": "#D92D20", "warning": "#D97706", "info": "#155EEF", "resolved": "#12915A"}
Reply = tuple[int, bytes]


def send(
    mail: Mail,
    message: Message,
    address: str,
    png: bytes | None = None,
    delivered: Sequence[str] = (),
    timeout: float = TIMEOUT_SECONDS,
) -> None:
    """Hand the mail to the server for everybody who is not in `delivered`. Raises DeliveryError."""
    recipients = [one for one in dict.fromkeys(mail.to) if one not in delivered]
    if not recipients:
        return
    letter = compose(mail, message, address, png)
    server = f"The mail server {mail.host}:{mail.port}"
    refused: dict[str, Reply] = {}
    try:
        with _connected(mail, timeout) as smtp:
            refused = smtp.send_message(
                letter, from_addr=_bare(mail.sender), to_addrs=[_bare(one) for one in recipients]
            )
    except smtplib.SMTPRecipientsRefused as error:
        refused = error.recipients
    except smtplib.SMTPAuthenticationError as error:
        raise DeliveryError(f"{server} refused user and password ({_reply(error, mail)}); correct them.") from error
    except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
        is_permanent = error.smtp_code >= REFUSED_FOR_GOOD
        raise DeliveryError(f"{server} refused the mail ({_reply(error, mail)}).", is_permanent) from error
    except (smtplib.SMTPException, OSError, ValueError) as error:
        said = _said(str(error), mail) or type(error).__name__
        if isinstance(error, smtplib.SMTPResponseException):
            said = _reply(error, mail)
        problem = f"{server} could not be used ({said}); see that it runs and that its part in alerts.yaml is right."
        raise DeliveryError(problem) from error
    if refused:
        raise _refusal(server, refused, recipients, mail)


@contextlib.contextmanager
def _connected(mail: Mail, timeout: float) -> Iterator[smtplib.SMTP]:
    """A session with the server, encrypted and logged in as configured.

    How it ends is no matter: what the server has accepted is delivered, even if its goodbye never comes.
    """
    context = ssl.create_default_context()
    if mail.port == TLS_PORT:
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(mail.host, mail.port, timeout=timeout, context=context)
    else:
        smtp = smtplib.SMTP(mail.host, mail.port, timeout=timeout)
    try:
        if mail.starttls:
            smtp.starttls(context=context)
        if mail.user:
            smtp.login(mail.user, mail.password)
        yield smtp
    finally:
        with contextlib.suppress(smtplib.SMTPException, OSError):
            smtp.quit()
        smtp.close()


def _refusal(server: str, refused: dict[str, Reply], recipients: Sequence[str], mail: Mail) -> DeliveryError:
    """The error for refused recipients: the others have the mail, and a later try is for those refused only for now."""
    whom = "; ".join(f"{one}: {code} {_said(text, mail)}" for one, (code, text) in refused.items())
    has_it = [one for one in recipients if _bare(one) not in refused]
    rest = " Everybody else has the mail." if has_it else ""
    is_permanent = all(code >= REFUSED_FOR_GOOD for code, _ in refused.values())
    todo = "correct the address in alerts.yaml" if is_permanent else "ask whoever runs it if that lasts"
    return DeliveryError(f"{server} refused {whom}; {todo}.{rest}", is_permanent, has_it)


def compose(mail: Mail, message: Message, address: str, png: bytes | None = None) -> EmailMessage:
    """The mail with all its headers; nothing in `message` can add a header or a tag."""
    domain = _domain(mail.sender)
    letter = EmailMessage(policy=SMTP)
    letter["From"] = one_line(mail.sender)
    letter["To"] = ", ".join(one_line(one) for one in mail.to)
    letter["Subject"] = headline(message)
    letter["Date"] = format_datetime(message.occurred_at)
    letter["Message-ID"] = f"<{_digest(message.id)}@{domain}>"
    thread = f"<{_digest('incident', message.incident_id or f'{message.rule}|{message.subject}')}@{domain}>"
    letter["In-Reply-To"] = thread
    letter["References"] = thread
    letter["Auto-Submitted"] = "auto-generated"
    letter["X-Auto-Response-Suppress"] = "All"
    letter.set_content(text_of(message, address))
    if message.letter:
        _add_letter(letter, message.letter, message.id, domain)
        return letter
    picture = f"chart-{_digest(message.id)}@{domain}" if png else ""
    letter.add_alternative(_html(message, address, picture), subtype="html")
    html = letter.get_body(("html",))
    if png and html:
        html.add_related(png, "image", "png", cid=f"<{picture}>", filename="chart.png", disposition="inline")
    return letter


def _add_letter(mail: EmailMessage, letter: Letter, message_id: str, domain: str) -> None:
    """The HTML of a letter as it is written, with those of its pictures that are still there."""
    shown = shown_pictures(letter)
    ids = {one.name: f"{_digest(message_id, one.name)}@{domain}" for one in letter.pictures}
    mail.add_alternative(filled(letter, shown, ids), subtype="html")
    html = mail.get_body(("html",))
    for number, (name, one) in enumerate(shown.items(), start=1):
        if html is not None:
            file = f"picture-{number}.{one.kind}"
            html.add_related(one.content, "image", one.kind, cid=f"<{ids[name]}>", filename=file, disposition="inline")


def _html(message: Message, address: str, picture: str) -> str:
    """The mail's HTML: no colour of ground or text is set, so that a dark mail program shows it dark."""
    tag = "resolved" if message.kind is NoticeKind.RESOLVED else message.severity
    facts = "".join(
        f'<tr><td style="padding:2px 16px 2px 0;opacity:.7;vertical-align:top;white-space:nowrap">{escape(name)}</td>'
        f'<td style="padding:2px 0">{escape(value)}</td></tr>'
        for name, value in facts_of(message)
    )
    chart = (
        f'<p style="margin:16px 0"><img src="cid:{escape(picture)}" alt="Chart of the values" width="{WIDTH}" '
        f'height="{HEIGHT}" style="max-width:100%;height:auto;border-radius:6px"></p>'
        if picture
        else ""
    )
    link = escape(link_of(message, address))
    evidence = escape(evidence_of(message)).replace("\n", "<br>")
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark"><title>{escape(headline(message))}</title></head>
<body style="margin:0;padding:16px;font:15px/1.5 -apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif">
<div style="max-width:{WIDTH}px;border-left:4px solid {COLOURS.get(tag, COLOURS["info"])};padding-left:16px">
<p style="margin:0 0 8px;font-size:18px;font-weight:600">{escape(headline(message))}</p>
<p style="margin:0 0 8px">{evidence}</p>
{chart}<table role="presentation" style="border-collapse:collapse;font-size:14px">{facts}</table>
<p style="margin:16px 0 0"><a href="{link}">Open in Shewhart</a></p>
</div></body></html>
"""


def _digest(*parts: str) -> str:
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:32]


def _bare(person: str) -> str:
    """`ops@example.com` of `The team <ops@example.com>`."""
    return parseaddr(one_line(person))[1] or one_line(person)


def _domain(sender: str) -> str:
    """What stands behind the @ of the sender, where it can stand in a header."""
    domain = _bare(sender).rpartition("@")[2]
    return domain if re.fullmatch(r"[A-Za-z0-9.-]+", domain) else "shewhart.invalid"


def _reply(error: smtplib.SMTPResponseException, mail: Mail) -> str:
    return f"{error.smtp_code} {_said(error.smtp_error, mail)}"


def _said(text: bytes | str, mail: Mail) -> str:
    """What a server answered, in one line of sensible length."""
    readable = text.decode(errors="replace") if isinstance(text, bytes) else text
    return _without_password(one_line(readable)[:300], mail)


def _without_password(text: str, mail: Mail) -> str:
    return text.replace(mail.password, "***") if mail.password else text
