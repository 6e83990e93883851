"""Commands to devices: published over MQTT with QoS 1 on one connection that is made again when it is lost."""

import asyncio
import secrets
import ssl
from types import TracebackType
from typing import Self

import aiomqtt

from alerts.notify.base import Temporary
from core.settings import Settings

_TIMEOUT_S = 5.0


class CommandPublisher:
    """Use as `async with`; connects with the first command."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client: aiomqtt.Client | None = None
        self._connecting = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._client is not None:
            await self._leave(self._client)

    async def publish(self, topic: str, payload: bytes) -> None:
        """Publish; returning means that the broker has it. Raises Temporary."""
        client = None
        try:
            client = await self._connected()
            await client.publish(topic, payload, qos=1, timeout=_TIMEOUT_S)
        except aiomqtt.MqttError as error:
            if client is not None:
                await self._leave(client)
            raise Temporary(f"the broker: {error}") from error

    async def _connected(self) -> aiomqtt.Client:
        async with self._connecting:
            if self._client is None:
                client = self._new_client()
                await client.__aenter__()
                self._client = client
            return self._client

    async def _leave(self, client: aiomqtt.Client) -> None:
        async with self._connecting:
            if self._client is not client:
                return
            self._client = None
            try:
                await client.__aexit__(None, None, None)
            except aiomqtt.MqttError:
                # It was lost already; the next command makes a new one.
                return

    def _new_client(self) -> aiomqtt.Client:
        settings = self._settings
        password = settings.mqtt_password
        return aiomqtt.Client(
            settings.mqtt_host,
            settings.mqtt_port,
            username=settings.mqtt_username,
            password=None if password is None else password.get_secret_value(),
            identifier=f"kanhu-dispatch-{secrets.token_hex(4)}",
            protocol=aiomqtt.ProtocolVersion.V5 if settings.mqtt_protocol == "5" else aiomqtt.ProtocolVersion.V311,
            tls_context=None
            if settings.mqtt_tls_ca is None
            else ssl.create_default_context(cafile=str(settings.mqtt_tls_ca)),
            timeout=_TIMEOUT_S,
            keepalive=30,
        )
