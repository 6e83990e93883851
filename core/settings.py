"""Settings from `KANHU_…` environment variables: the only reader of the environment.

A secret may be given as a file: `KANHU_TOKEN_SECRET_FILE=/run/secrets/token` is read in place of `KANHU_TOKEN_SECRET`.
"""

import base64
import binascii
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from core.clock import Clock, ScaledClock, SystemClock

_PREFIX = "KANHU_"


class SettingsError(Exception):
    """A setting is missing or wrong; the message names the variable and what it takes."""


class Settings(BaseSettings):
    """All settings, with what they mean and their defaults. Nothing listens beyond loopback by default."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, extra="forbid", frozen=True)

    database_url: Annotated[str, Field(pattern=r"^postgres(ql)?://")] = Field(
        "postgresql://kanhu@127.0.0.1:5432/kanhu", description="PostgreSQL or TimescaleDB, as a libpq URL"
    )
    database_password: SecretStr | None = Field(None, description="the database's password, where the URL has none")
    database_pool_size: Annotated[int, Field(ge=2, le=100)] = Field(8, description="connections a process may hold")

    mqtt_host: str = Field("127.0.0.1", description="the broker's host")
    mqtt_port: Annotated[int, Field(ge=1, le=65535)] = Field(1883, description="the broker's port")
    mqtt_username: str | None = Field(None, description="user name at the broker")
    mqtt_password: SecretStr | None = Field(None, description="password at the broker")
    mqtt_protocol: Literal["5", "3.1.1"] = Field("5", description="3.1.1 only for brokers that know no MQTT 5")
    mqtt_tls_ca: Path | None = Field(None, description="CA certificate file; TLS is used when it is set")
    mqtt_client_id: str = Field("kanhu-ingest", description="fixed client id of the ingest session")
    mqtt_session_expiry: Annotated[int, Field(ge=0)] = Field(7 * 86400, description="seconds the broker keeps it")
    mqtt_receive_maximum: Annotated[int, Field(ge=1, le=65535)] = Field(
        16_000, description="messages in flight before an acknowledgement; the ceiling of throughput"
    )
    mqtt_max_payload: Annotated[int, Field(ge=1024)] = Field(
        1_048_576, description="bytes; a larger message goes to quarantine, cut"
    )

    broker_access_directory: Path | None = Field(
        None, description="Mosquitto's password and access files, which `kanhu device credentials` writes"
    )

    ingest_batch_messages: Annotated[int, Field(ge=1)] = Field(2000, description="messages that close a batch")
    ingest_batch_ms: Annotated[int, Field(ge=1, le=10_000)] = Field(50, description="milliseconds that close a batch")
    ingest_snapshot_seconds: Annotated[float, Field(gt=0)] = Field(5.0, description="between two detector snapshots")
    metrics_host: str = Field("127.0.0.1", description="address that ingest and dispatch show their metrics on")
    ingest_metrics_port: Annotated[int, Field(ge=0, le=65535)] = Field(9464, description="Prometheus, 0 for none")

    dispatch_metrics_port: Annotated[int, Field(ge=0, le=65535)] = Field(9465, description="Prometheus, 0 for none")
    dispatch_poll_seconds: Annotated[float, Field(gt=0, le=60)] = Field(1.0, description="longest wait for new work")
    claim_lease_seconds: Annotated[int, Field(ge=5)] = Field(
        300, description="a claim without any further step lapses after this"
    )
    reopen_minutes: Annotated[int, Field(ge=0, le=10_080)] = Field(
        120, description="how long after its end an incident may be reopened"
    )
    apprise_config: Path | None = Field(None, description="extra Apprise configuration for the centre's own channels")
    failover_seconds: Annotated[int, Field(ge=5, le=300)] = Field(
        20, description="an urgent message not delivered by then goes over the person's next channel too"
    )
    storm_update_minutes: Annotated[int, Field(ge=1, le=1440)] = Field(
        15, description="the least time between two messages about one storm of maintenance findings that grows"
    )
    sms_url: Annotated[str | None, Field(pattern=r"^https?://")] = Field(
        None, description="the SMS gateway that messages are posted to (docs/sms-gateway.md)"
    )
    sms_key: SecretStr | None = Field(None, description="bearer token of the SMS gateway")
    sms_provider: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,32}$")] = Field(
        "sms", description="its name in the address of receipts, /api/v1/receipts/NAME"
    )
    sms_receipt_secret: SecretStr | None = Field(
        None, description="signs its receipts: whsec_ and base64 of 24 bytes or more; without it none are asked for"
    )
    heartbeat_url: str | None = Field(None, description="the auditor calls this each round: a watchdog from outside")

    api_host: str = Field("127.0.0.1", description="address the API listens on")
    api_port: Annotated[int, Field(ge=0, le=65535)] = Field(8000, description="port the API listens on")
    api_trusted_proxies: str = Field(
        "127.0.0.1", description="addresses of proxies whose X-Forwarded-For is believed, with commas; * for all"
    )
    public_url: str = Field("http://127.0.0.1:8000", description="how people outside reach the API, for links")
    token_secret: SecretStr | None = Field(None, description="signs sign-in tokens and links: 32 characters or more")
    token_minutes: Annotated[int, Field(ge=1, le=1440)] = Field(15, description="life of an access token")
    refresh_hours: Annotated[int, Field(ge=1, le=720)] = Field(12, description="life of a refresh token")
    centre_phone: Annotated[str | None, Field(pattern=r"^\+?[0-9 -]{3,20}$")] = Field(
        None, description="the centre's telephone number, on the page behind a family contact's link"
    )
    link_hours: Annotated[int, Field(ge=1, le=720)] = Field(24, description="life of a family contact's link")

    tiles_url: str | None = Field(
        None, description="the console's map tiles, with {z}, {x} and {y}; https, or http on this machine; else none"
    )
    tiles_attribution: Annotated[str, Field(max_length=200)] = Field(
        "", description="whom the map owes its tiles to, as plain text"
    )

    log_format: Literal["console", "json"] = Field("console", description="how log lines are written")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="least level that is logged")

    clock_origin: int | None = Field(None, description="demonstrations: micros of real time at which the clock starts")
    clock_start: int | None = Field(None, description="demonstrations: micros shown at that moment")
    clock_speed: Annotated[float, Field(gt=0, le=3600)] = Field(1.0, description="demonstrations: times real time")

    @field_validator("tiles_url")
    @classmethod
    def _tiles_can_be_asked_for(cls, url: str | None) -> str | None:
        """It goes into a page's policy and into addresses that browsers open: only a plain template will do."""
        if not url:
            return None
        if not re.fullmatch(r"[\w.~:/?&=%@{}\[\]+-]+", url, re.ASCII):
            raise ValueError("may not have blanks, quotes, commas or semicolons")
        parts = urlsplit(url)
        _ = parts.port  # raises for one that is none
        at_home = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost")
        if not parts.hostname or not (parts.scheme == "https" or at_home):
            raise ValueError("takes https://…, or http:// on this machine")
        if "@" in parts.netloc or "{" in parts.netloc:
            raise ValueError("takes one host, without a name or password")
        if sorted(re.findall(r"\{(.*?)\}", url)) != ["x", "y", "z"]:
            raise ValueError("needs {z}, {x} and {y}, and no other placeholder")
        return url

    @model_validator(mode="after")
    def _clock_is_whole(self) -> Self:
        if (self.clock_origin is None) != (self.clock_start is None):
            raise ValueError("KANHU_CLOCK_ORIGIN and KANHU_CLOCK_START go together")
        if self.token_secret is not None and len(self.token_secret.get_secret_value()) < 32:
            raise ValueError("KANHU_TOKEN_SECRET needs 32 characters or more: `openssl rand -hex 32` makes one")
        return self

    @model_validator(mode="after")
    def _gateway_is_whole(self) -> Self:
        if self.sms_url is not None and self.sms_key is None:
            raise ValueError("KANHU_SMS_URL needs KANHU_SMS_KEY, the gateway's bearer token")
        if self.sms_receipt_secret is not None and not _is_signing_secret(self.sms_receipt_secret.get_secret_value()):
            raise ValueError(
                "KANHU_SMS_RECEIPT_SECRET is whsec_ and the base64 of 24 bytes or more: "
                "`echo whsec_$(openssl rand -base64 32)` makes one"
            )
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what `read` hands in: the environment is read there, once, and strictly."""
        return (init_settings,)

    @property
    def speed(self) -> float:
        """How fast the installation's clock runs against real time: 1 but for demonstrations."""
        return 1.0 if self.clock_origin is None else self.clock_speed

    def clock(self) -> Clock:
        """The clock that all processes of this installation share."""
        if self.clock_origin is None or self.clock_start is None:
            return SystemClock()
        return ScaledClock(self.clock_origin, self.clock_start, self.clock_speed)


def _is_signing_secret(secret: str) -> bool:
    # As https://www.standardwebhooks.com writes them.
    prefix, _, text = secret.partition("_")
    try:
        return prefix == "whsec" and len(base64.b64decode(text, validate=True)) >= 24
    except binascii.Error:
        return False


def read(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process.

    Raises SettingsError, naming each variable, for a value that is wrong, a `KANHU_…` variable that does not exist, or
    a secret's file that can't be read.
    """
    given = os.environ if environment is None else environment
    values: dict[str, Any] = {}
    for variable, text in given.items():
        if not variable.startswith(_PREFIX):
            continue
        name = variable.removeprefix(_PREFIX).lower()
        if name not in Settings.model_fields and name.endswith("_file"):
            name = name.removesuffix("_file")
            try:
                text = Path(text).read_text(encoding="utf-8").strip()
            except OSError as error:
                raise SettingsError(f"{variable}: can't read {text}: {error.strerror}") from error
        if name not in Settings.model_fields:
            raise SettingsError(f"{variable}: no such setting; `kanhu settings` lists them all")
        values[name] = text
    try:
        return Settings(**values)
    except ValidationError as error:
        wrong = [
            f"{_PREFIX}{'_'.join(str(p) for p in e['loc']).upper()}: {e['msg']}" if e["loc"] else str(e["msg"])
            for e in error.errors()
        ]
        raise SettingsError("; ".join(wrong)) from error
