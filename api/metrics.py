"""Prometheus metrics of one API process, each application with a registry of its own."""

import logging
import time
from collections.abc import Iterable
from http import HTTPStatus

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from alerts.precision import Precision
from storage.history import MissCount
from storage.worklist import Count

_WATCHDOGS = frozenset({"/healthz", "/readyz", "/metrics"})

_log = structlog.get_logger(__name__)


class Metrics:
    """What is counted and measured."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.requests = Histogram(
            "kanhu_http_request_seconds",
            "Time to answer a request, by route template; the live stream counts until its first byte",
            ["method", "route", "status"],
            registry=self._registry,
        )
        self.open_incidents = Gauge(
            "kanhu_open_incidents", "Incidents that are not over", ["queue", "state"], registry=self._registry
        )
        self.sign_ins = Counter("kanhu_sign_ins", "Tries to sign in", ["outcome"], registry=self._registry)
        self.receipts = Counter(
            "kanhu_receipts", "Receipts of the SMS provider, by what they changed", ["outcome"], registry=self._registry
        )
        self.detector_alerts = Gauge(
            "kanhu_detector_alerts",
            "Alerts raised in the last 30 days, by how their incident was judged",
            ["detector", "version", "outcome"],
            registry=self._registry,
        )
        self.detector_precision = Gauge(
            "kanhu_detector_precision",
            "True alerts of those judged in the last 30 days, with the bounds of the 95 % interval",
            ["detector", "version", "bound"],
            registry=self._registry,
        )
        self.reported_misses = Gauge(
            "kanhu_reported_misses",
            "What happened in the last 30 days and no detector noticed, as reported",
            ["kind"],
            registry=self._registry,
        )
        self.live_subscribers = Gauge(
            "kanhu_live_subscribers", "Open streams of the live queue", registry=self._registry
        )
        self.live_listening = Gauge(
            "kanhu_live_listening", "1 while the database tells us of changes", registry=self._registry
        )

    def exposition(
        self, counts: Iterable[Count], precisions: Iterable[Precision], misses: Iterable[MissCount]
    ) -> bytes:
        """Everything in Prometheus' text format, with incidents and detectors as they are now."""
        self._set_detectors(precisions)
        self.reported_misses.clear()
        for miss in misses:
            self.reported_misses.labels(miss.kind).set(miss.reported)
        self.open_incidents.clear()
        for count in counts:
            self.open_incidents.labels(count.queue, count.state).set(count.incidents)
        return generate_latest(self._registry)

    def _set_detectors(self, precisions: Iterable[Precision]) -> None:
        self.detector_alerts.clear()
        self.detector_precision.clear()
        for one in precisions:
            for outcome in ("true", "false", "neither", "unjudged"):
                self.detector_alerts.labels(one.detector, one.version, outcome).set(getattr(one, outcome))
            for bound, value in (("estimate", one.precision), ("low", one.low), ("high", one.high)):
                if value is not None:
                    self.detector_precision.labels(one.detector, one.version, bound).set(value)


class Measuring:
    """Middleware: measures each request and writes its log line, by route template: paths hold tokens and ids."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and note how it went."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status: int | None = None

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._note(scope, status, time.perf_counter() - began)
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except Exception:
            if status is None:
                self._note(scope, HTTPStatus.INTERNAL_SERVER_ERROR, time.perf_counter() - began)
            raise

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        # The path template is only known once a route has been found; all else is one label, or it would be endless.
        route = getattr(scope.get("route"), "path", "(none)")
        self._metrics.requests.labels(scope["method"], route, status).observe(seconds)
        # The watchdogs ask every few seconds.
        _log.log(
            logging.DEBUG if route in _WATCHDOGS else logging.INFO,
            "request",
            method=scope["method"],
            route=route,
            status=int(status),
            ms=round(seconds * 1000, 1),
            correlation_id=scope.get("correlation_id"),
        )
