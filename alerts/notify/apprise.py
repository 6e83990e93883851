"""SMS, e-mail, WeCom, DingTalk, Feishu, Telegram, ntfy and a hundred more, through Apprise (https://appriseit.com)."""

import asyncio
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from apprise import Apprise, AppriseAsset, AppriseConfig, NotifyFormat, NotifyType

from alerts.notify.base import Message, Permanent, Temporary

_TIMEOUT_S = 15.0
_MAX_REASON = 300
# No concurrency and no time limit of Apprise's own: both go through one pool for the whole process, of four threads and
# one a processor, in which an emergency would wait for slow mail servers.
_ONE_BY_ONE = AppriseAsset(async_mode=False, service_timeout=0)
# As many as the dispatcher's slots for what is no emergency, so that it waits for none; threads are made when needed.
_ORDINARY_THREADS = 24
_URGENT_THREADS = 128


class AppriseChannel:
    """`alerts.notify.base.Channel`; the address is an Apprise URL, or a tag of the centre's own configuration file.

    Apprise says only whether it worked, so every failure to send is temporary: after the last attempt the person's next
    channel is tried, and this one again with the next message.
    """

    def __init__(self, configuration: Path | None) -> None:
        self._configuration = configuration
        # Emergencies have threads of their own: slow mail servers must not take them all.
        self._ordinary = ThreadPoolExecutor(_ORDINARY_THREADS, "apprise")
        self._urgent = ThreadPoolExecutor(_URGENT_THREADS, "apprise-urgent")
        # Its services are imported with the first address, which takes a second: not the second of the first emergency.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            Apprise.instantiate("json://127.0.0.1/")

    async def send(self, message: Message) -> None:
        """Send in a thread, since most of Apprise's services block. Raises Temporary, Permanent."""
        threads = self._urgent if message.urgent else self._ordinary
        sending = asyncio.get_running_loop().run_in_executor(threads, self._send, message)
        try:
            await asyncio.wait_for(sending, _TIMEOUT_S)
        except TimeoutError as error:
            raise Temporary(f"no end within {_TIMEOUT_S:.0f} s") from error

    def _send(self, message: Message) -> None:
        services = Apprise(asset=_ONE_BY_ONE)
        tag = "all"
        if "://" in message.address:
            if not services.add(message.address):
                raise Permanent("Apprise does not know this kind of address", gone=True)
        elif self._configuration is not None:
            tag = message.address
            services.add(AppriseConfig(paths=str(self._configuration), asset=_ONE_BY_ONE))
        else:
            raise Permanent("no Apprise URL, and there is no configuration file that could name it")
        result = services.notify(
            title=message.title,
            body=message.text,
            notify_type=NotifyType.FAILURE if message.urgent else NotifyType.INFO,
            body_format=NotifyFormat.TEXT,
            tag=tag,
        )
        if result:
            return
        if result.status.name == "NOMATCH":
            # Not the address's fault: the file may be mended.
            raise Permanent(f"no service in the Apprise configuration has the tag {message.address!r}")
        said = "; ".join(entry.message for entry in result.logs())
        raise Temporary(f"{result.status.name.lower()}: {said or 'the service did not take it'}"[:_MAX_REASON])
