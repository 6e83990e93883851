"""All kinds of channel. A new one is a file here, a line below, and a name in the schema's CHECK on `channel.kind`."""

from collections.abc import Mapping
from pathlib import Path

import httpx

from alerts.notify.apprise import AppriseChannel
from alerts.notify.base import Channel
from alerts.notify.log import LogChannel
from alerts.notify.sms import Gateway, SmsChannel
from alerts.notify.webhook import WebhookChannel


def channels(
    client: httpx.AsyncClient, apprise_configuration: Path | None, gateway: Gateway | None
) -> Mapping[str, Channel]:
    """The channels by kind. gateway: for SMS, None where none is set up."""
    return {
        "apprise": AppriseChannel(apprise_configuration),
        "webhook": WebhookChannel(client),
        "sms": SmsChannel(client, gateway),
        "log": LogChannel(),
    }


def with_receipts(gateway: Gateway | None) -> frozenset[str]:
    """The kinds of channel whose provider says whether a message has arrived."""
    return frozenset({"sms"}) if gateway is not None and gateway.callback_url is not None else frozenset()
