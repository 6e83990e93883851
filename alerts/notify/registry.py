"""All kinds of channel. A new one is a file here, a line below, and a name in the schema's CHECK on `channel.kind`."""

from collections.abc import Mapping
from pathlib import Path

import httpx

from alerts.notify.apprise import AppriseChannel
from alerts.notify.base import Channel
from alerts.notify.log import LogChannel
from alerts.notify.webhook import WebhookChannel


def channels(client: httpx.AsyncClient, apprise_configuration: Path | None) -> Mapping[str, Channel]:
    """The channels by kind."""
    return {
        "apprise": AppriseChannel(apprise_configuration),
        "webhook": WebhookChannel(client),
        "log": LogChannel(),
    }
