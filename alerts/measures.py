"""What alerts and dispatch show to Prometheus."""

from prometheus_client import Counter, Gauge, Histogram

FINDINGS_REFUSED = Counter(
    "kanhu_findings_refused_total", "Findings about nobody we know: no incident could be made", ["kind"]
)
TIMERS = Counter("kanhu_incident_timers_total", "What timers did to incidents", ["queue", "event"])
NOBODY_REACHED = Counter(
    "kanhu_escalation_nobody_reached_total", "Escalation steps that had nobody with a working channel", ["queue"]
)
WORK = Counter("kanhu_outbox_work_total", "Outbox rows by what became of the attempt", ["topic", "outcome"])
WORK_SECONDS = Histogram(
    "kanhu_outbox_seconds",
    "From when a row was due until it was done",
    ["topic"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800),
)
STORMS = Gauge("kanhu_storms", "Storms of maintenance findings that are not over", ["kind"])
DATABASE_AWAY = Counter("kanhu_dispatch_database_away_total", "Rounds that found no database", ["task"])
VIOLATIONS = Gauge("kanhu_audit_violations", "What the auditor found in its last round", ["rule"])
AUDITED_AT = Gauge("kanhu_audit_timestamp_seconds", "When the auditor last went through everything")
EXHAUSTED = Gauge("kanhu_incidents_exhausted", "Live incidents whose policy was gone through without an answer")
OUTBOX_WAITING = Gauge("kanhu_outbox_waiting", "Outbox rows that are neither done nor given up")
OUTBOX_FAILED = Gauge("kanhu_outbox_failed", "Outbox rows that were given up")
COVERAGE_GAPS = Gauge(
    "kanhu_coverage_gaps", "Areas' queues in which nobody would answer, by the reason", ["queue", "code"]
)
COVERAGE_CHECKED_AT = Gauge("kanhu_coverage_timestamp_seconds", "When it was last looked whether anybody would answer")
HEARTBEATS = Counter("kanhu_audit_heartbeats_total", "Calls to the watchdog outside", ["outcome"])
