"""Commands to devices: published over MQTT with QoS 1 on one connection that is made again when it is lost.

By paho-mqtt and not by aiomqtt, which takes every acknowledgement for a yes: with MQTT 5 it may say that the broker
refuses the message. A broker that speaks MQTT 3.1.1 only can't say so.
"""

import asyncio
import secrets
from types import TracebackType
from typing import Any, Self

from paho.mqtt.client import Client, MQTTv5, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.reasoncodes import ReasonCode

from alerts.notify.base import Permanent, Temporary
from core.settings import Settings

_TIMEOUT_S = 5.0
_KEEPALIVE_S = 30

# MQTT 5 §3.4.2.1: not authorised, topic name invalid, payload format invalid. The same message will be refused again.
_FOR_GOOD = frozenset({0x87, 0x90, 0x99})


class CommandPublisher:
    """Use as `async with`; connects with the first command."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._session: _Session | None = None
        self._connecting = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._leave(self._session)

    async def publish(self, topic: str, payload: bytes) -> None:
        """Publish; returning means that the broker has it, whether or not the device is there to hear it.

        Raises Temporary where it could not be asked or refuses for now, Permanent where it will always refuse.
        """
        session = None
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                session = await self._connected()
                reason = await session.publish(topic, payload)
        except (OSError, TimeoutError) as error:
            if session is not None:
                await self._leave(session)
            raise Temporary(f"the broker: {str(error) or 'no answer in time'}") from error
        if reason.is_failure:
            refusal = Permanent if reason.value in _FOR_GOOD else Temporary
            raise refusal(f"the broker refuses it: {reason}")

    async def _connected(self) -> "_Session":
        async with self._connecting:
            if self._session is None:
                session = _Session(self._settings)
                try:
                    await session.connect()
                except BaseException:
                    await session.close()
                    raise
                self._session = session
            return self._session

    async def _leave(self, session: "_Session") -> None:
        if self._session is session:
            # At once: whoever comes next makes a new one. Those who wait on this one hear that it has ended.
            self._session = None
        await session.close()


class _Session:
    """One connection, from its making to its end; what paho's thread hears is taken into the loop."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._loop = asyncio.get_running_loop()
        self._greeted: asyncio.Future[ReasonCode] = self._loop.create_future()
        self._published: dict[int, asyncio.Future[ReasonCode]] = {}
        self._client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"kanhu-dispatch-{secrets.token_hex(4)}",
            protocol=MQTTv5 if settings.mqtt_protocol == "5" else MQTTv311,
            reconnect_on_failure=False,
        )
        self._client.connect_timeout = _TIMEOUT_S
        if settings.mqtt_username is not None:
            password = settings.mqtt_password
            self._client.username_pw_set(settings.mqtt_username, password.get_secret_value() if password else None)
        if settings.mqtt_tls_ca is not None:
            self._client.tls_set(ca_certs=str(settings.mqtt_tls_ca))
        self._client.on_connect = self._on_connect
        self._client.on_publish = self._on_publish
        self._client.on_disconnect = self._on_disconnect

    async def connect(self) -> None:
        """Raises OSError where the broker can't be reached or lets nobody in."""
        await asyncio.to_thread(self._client.connect, self._settings.mqtt_host, self._settings.mqtt_port, _KEEPALIVE_S)
        self._client.loop_start()
        reason = await self._greeted
        if reason.is_failure:
            raise ConnectionRefusedError(str(reason))

    async def publish(self, topic: str, payload: bytes) -> ReasonCode:
        """What the broker's acknowledgement says. Raises OSError where the connection has ended."""
        info = self._client.publish(topic, payload, qos=1)
        if info.rc is not MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise ConnectionResetError(f"no connection any more ({info.rc.name})")
        # The answer is taken in by the loop, so never before this.
        answer: asyncio.Future[ReasonCode] = self._loop.create_future()
        self._published[info.mid] = answer
        try:
            return await answer
        finally:
            del self._published[info.mid]

    async def close(self) -> None:
        """End the connection, if it has not ended, and the thread."""
        self._client.disconnect()
        await asyncio.to_thread(self._client.loop_stop)

    def _take(self, answer: asyncio.Future[ReasonCode] | None, reason: ReasonCode) -> None:
        if answer is not None and not answer.done():
            answer.set_result(reason)

    def _end(self, reason: ReasonCode) -> None:
        for answer in (self._greeted, *self._published.values()):
            if not answer.done():
                answer.set_exception(ConnectionResetError(f"the connection ended: {reason}"))

    # From here on: paho's thread.

    def _on_connect(self, client: Client, data: Any, flags: Any, reason: ReasonCode, properties: Any) -> None:
        self._loop.call_soon_threadsafe(self._take, self._greeted, reason)

    def _on_publish(self, client: Client, data: Any, mid: int, reason: ReasonCode, properties: Any) -> None:
        self._loop.call_soon_threadsafe(lambda: self._take(self._published.get(mid), reason))

    def _on_disconnect(self, client: Client, data: Any, flags: Any, reason: ReasonCode, properties: Any) -> None:
        self._loop.call_soon_threadsafe(self._end, reason)
