"""Mail, over the SMTP server of the plant; the demo writes it to a folder instead."""

from __future__ import annotations

import hashlib
import smtplib
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from forms_engine.kernel.text import Text
from forms_engine.notify.channel import Channel, ChannelBusy, ChannelRefused, Message, Receipt, register

_BUSY = Text("The mail server does not answer.", "邮件服务器没有响应。")
_REFUSED = Text("The mail server refuses this address.", "邮件服务器拒绝该地址。")


@register
class Email(Channel):
    """Plain text; one message of one key always has one Message-ID, so a mail sent twice is shown once."""

    key = "email"
    label = Text("E-mail", "电子邮件")
    icon = "mail"

    def address(self, user: Any) -> str | None:
        return user.email if user.is_active and user.email else None

    def send(self, message: Message) -> Receipt:
        if "\n" in message.address or "\r" in message.address or "@" not in message.address:
            raise ChannelRefused(_REFUSED)
        reference = self._reference(message)
        mail = EmailMessage(
            subject=" ".join(message.title.split())[:200],
            body="\n\n".join(part for part in (message.body, message.link) if part) + "\n",
            to=[message.address],
            headers={"Message-ID": reference, "Auto-Submitted": "auto-generated"},
            connection=get_connection(timeout=self.timeout_seconds),
        )
        try:
            mail.send()
        except smtplib.SMTPRecipientsRefused as error:
            codes = {code for code, _ in error.recipients.values()}
            raise (ChannelRefused(_REFUSED) if min(codes) >= 500 else ChannelBusy(_BUSY)) from None
        except (smtplib.SMTPException, OSError) as error:
            # The server's own words may hold a login or an address: only the kind of failure is told.
            raise ChannelBusy(_BUSY, params={"kind": type(error).__name__}) from None
        return Receipt(reference=reference)

    def _reference(self, message: Message) -> str:
        digest = hashlib.sha256(f"{message.recipient_id}:{message.key}".encode()).hexdigest()[:32]
        host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">") or "localhost"
        return f"<{digest}@{host}>"
