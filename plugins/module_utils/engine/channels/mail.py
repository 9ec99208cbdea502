"""Mail by SMTP: text, the page beside it, the letter attached (RFC 5321, 3207, 4954)."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid

from ..errors import DeliveryFailed
from ..record.fields import Fields
from .base import STARTED, Channel, Message, Secret, read_secret

ADDRESS = r"[^@\s<>]{1,64}@[^@\s<>]{1,255}"
PORTS: Mapping[str, int] = {"starttls": 587, "tls": 465, "none": 25}
PAGE_LIMIT_BYTES = 8_000_000
"""A larger page is left out: mail servers refuse it."""


@dataclass(frozen=True)
class Mail:
    """`security` is starttls, tls or none; a password is never sent without."""

    host: str
    port: int
    security: str
    user: str
    password: Secret
    sender: str
    recipients: tuple[str, ...]
    timeout_s: float
    ca_file: str

    def deliver(self, message: Message) -> bool:
        """See Channel; also sent when all is well."""
        if message.event == STARTED:
            return False
        password = self.password.read()
        try:
            self._send(self._write(message), password)
        except smtplib.SMTPRecipientsRefused as error:
            raise DeliveryFailed.refused(self._place, f"refused: {', '.join(error.recipients)}") from None
        except smtplib.SMTPResponseException as error:
            raise DeliveryFailed.refused(self._place, f"it answered {error.smtp_code}") from None
        except (smtplib.SMTPException, OSError) as error:
            raise DeliveryFailed.refused(self._place, _explain(error)) from None
        return True

    @property
    def _place(self) -> str:
        return f"smtp://{self.host}:{self.port}"

    def _write(self, message: Message) -> EmailMessage:
        mail = EmailMessage(policy=SMTP)
        mail["Subject"], mail["From"], mail["To"] = message.subject, self.sender, ", ".join(self.recipients)
        mail["Date"] = format_datetime(datetime.now(timezone.utc))
        mail["Message-ID"] = make_msgid(domain=self.sender.partition("@")[2])
        mail["Auto-Submitted"] = "auto-generated"
        text = message.files.get("report.txt", b"").decode("utf-8", "replace")
        mail.set_content(text or message.text + "\n")
        page = message.files.get("report.html", b"")
        if page and len(page) <= PAGE_LIMIT_BYTES:
            mail.add_alternative(page.decode("utf-8", "replace"), subtype="html")
        if "report.pdf" in message.files:
            data = message.files["report.pdf"]
            mail.add_attachment(data, maintype="application", subtype="pdf", filename="report.pdf")
        return mail

    def _send(self, mail: EmailMessage, password: str) -> None:
        context = ssl.create_default_context(cafile=self.ca_file or None)
        if self.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=self.timeout_s, context=context)
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=self.timeout_s)
        with server:
            if self.security == "starttls":
                server.starttls(context=context)
            if self.user:
                server.login(self.user, password)
            refused = server.send_message(mail)
        if refused:
            raise DeliveryFailed.refused(self._place, f"refused: {', '.join(refused)}; the others were reached")


def _explain(error: Exception) -> str:
    strerror = error.strerror if isinstance(error, OSError) else None
    return str(strerror or error) or type(error).__name__


def read_mail(fields: Fields, timeout_s: float) -> Channel:
    """The settings of a channel `mail`."""
    security = fields.choice("security", {name: name for name in PORTS}, "starttls")
    mail = Mail(
        host=fields.text("host", None, r"[A-Za-z0-9._:-]{1,255}", "smtp.kota.example"),
        port=fields.whole("port", PORTS[security], 1, 65535),
        security=security,
        user=fields.text("user"),
        password=read_secret(fields, "password"),
        sender=fields.text("sender", None, ADDRESS, "backup@kota.example"),
        recipients=fields.texts("recipients"),
        timeout_s=timeout_s,
        ca_file=fields.path("ca_file"),
    )
    if not mail.recipients:
        fields.complain("recipients", "is missing", "list at least one address")
    if bool(mail.user) != bool(mail.password):
        fields.complain("user", "goes with a password, and a password with a user", "give both or neither")
    if mail.password and security == "none":
        fields.complain("security", "none would tell the password to the network", "use starttls or tls")
    return mail
