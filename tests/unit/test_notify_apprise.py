"""Against a real HTTP server on loopback, through Apprise's own `json://` service."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

import pytest

from alerts.notify.apprise import AppriseChannel
from alerts.notify.base import Message, Permanent, Temporary
from tests.support.alarm_world import NOON


@contextmanager
def provider(status: int) -> Iterator[tuple[int, list[dict[str, object]]]]:
    """A provider that answers with `status`; its port, and what it got."""
    got: list[dict[str, object]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port, got
        finally:
            server.shutdown()
            thread.join()


async def test_an_emergency_does_not_wait_for_threads_that_slow_providers_hold() -> None:
    held = Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said = json.loads(self.rfile.read(int(self.headers["content-length"])))
            if said["message"] != "urgent":
                held.wait(20)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    class Server(ThreadingHTTPServer):
        request_queue_size = 128

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        channel = AppriseChannel(None)
        # With the patience of a mail server's: more than the emergency has.
        address = f"json://127.0.0.1:{server.server_port}/?rto=30"
        try:
            slow = [
                asyncio.create_task(channel.send(replace(message(address), text="slow", urgent=False)))
                for _ in range(60)
            ]
            await asyncio.sleep(0.2)
            async with asyncio.timeout(10):
                await channel.send(replace(message(address), text="urgent", urgent=True))
            assert not any(task.done() for task in slow)
            held.set()
            # Those that waited for a thread may have lost their patience meanwhile.
            await asyncio.gather(*slow, return_exceptions=True)
        finally:
            held.set()
            server.shutdown()
            thread.join()


def message(address: str) -> Message:
    return Message(id="delivery-1", address=address, title="跌倒：王秀兰", text="武林路 5 号", urgent=True, at=NOON)


async def test_title_and_text_reach_the_provider() -> None:
    with provider(200) as (port, got):
        await AppriseChannel(None).send(message(f"json://127.0.0.1:{port}/"))
    assert [(m["title"], m["message"], m["type"]) for m in got] == [("跌倒：王秀兰", "武林路 5 号", "failure")]


@pytest.mark.parametrize("status", [500, 403])
async def test_what_the_provider_refuses_is_temporary_for_apprise_does_not_say_more(status: int) -> None:
    with provider(status) as (port, _), pytest.raises(Temporary, match=r"\w+") as raised:
        await AppriseChannel(None).send(message(f"json://127.0.0.1:{port}/"))
    assert len(raised.value.reason) <= 300


async def test_a_provider_that_is_not_there_is_temporary() -> None:
    with provider(200) as (port, _):
        pass
    with pytest.raises(Temporary):
        await AppriseChannel(None).send(message(f"json://127.0.0.1:{port}/"))


@pytest.mark.parametrize("address", ["carrier-pigeon://loft", "tgram://"])
async def test_an_address_that_apprise_does_not_know_is_gone(address: str) -> None:
    with pytest.raises(Permanent) as raised:
        await AppriseChannel(None).send(message(address))
    assert raised.value.gone


async def test_a_tag_of_the_centres_own_configuration_can_be_the_address(tmp_path: Path) -> None:
    with provider(200) as (port, got):
        file = tmp_path / "apprise.yml"
        file.write_text(f"urls:\n  - json://127.0.0.1:{port}/:\n    - tag: night-desk\n", encoding="utf-8")
        channel = AppriseChannel(file)
        await channel.send(message("night-desk"))
        assert len(got) == 1
        with pytest.raises(Permanent, match="day-desk") as raised:
            await channel.send(message("day-desk"))
        assert not raised.value.gone
    with pytest.raises(Permanent):
        await AppriseChannel(None).send(message("night-desk"))
