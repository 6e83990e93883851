"""What ingest tells Prometheus."""

from prometheus_client import Counter, Gauge, Histogram

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

messages = Counter("kanhu_ingest_messages_total", "Messages committed and acknowledged")
rows = Counter("kanhu_ingest_rows_total", "Rows written", ["table"])
repeated = Counter("kanhu_ingest_repeated_total", "Rows and messages dropped because they were stored before")
quarantined = Counter("kanhu_ingest_quarantined_total", "Messages and records in quarantine", ["reason"])
findings = Counter("kanhu_ingest_findings_total", "What detectors said", ["kind", "queue"])
unowned_findings = Counter(
    "kanhu_ingest_unowned_findings_total", "Findings about a device that watches nobody", ["kind"]
)
waiting_findings = Gauge("kanhu_ingest_waiting_findings", "Findings for care and maintenance that are yet to be raised")
detector_failures = Counter("kanhu_ingest_detector_failures_total", "Detectors that failed on a batch", ["detector"])
set_aside = Gauge("kanhu_ingest_detectors_set_aside", "Detectors that watch no more until a restart")
retries = Counter("kanhu_ingest_commit_retries_total", "Commits tried again because the database did not answer")
stage_seconds = Histogram("kanhu_ingest_stage_seconds", "Time a batch spends in a stage", ["stage"], buckets=_SECONDS)
detector_seconds = Histogram("kanhu_ingest_detector_seconds", "Time a detector takes", ["detector"], buckets=_SECONDS)
arrival_to_commit = Histogram(
    "kanhu_ingest_arrival_to_commit_seconds",
    "From the arrival of a batch's first message to its commit",
    buckets=_SECONDS,
)
waiting = Gauge("kanhu_ingest_waiting_messages", "Messages received and not yet in a batch")
connected = Gauge("kanhu_ingest_connected", "1 while the broker's connection stands")
