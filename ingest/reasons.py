"""Why something went to quarantine."""

from enum import StrEnum


class Reason(StrEnum):
    """Why a message, or a record of it, was not stored. `core/wording` says each in a sentence.

    The names are stored and counted in metrics: they never change their meaning.
    """

    EMPTY_PAYLOAD = "empty_payload"
    TOO_LARGE = "too_large"
    NOT_UTF8 = "not_utf8"
    BAD_JSON = "bad_json"
    BAD_CBOR = "bad_cbor"
    TRUNCATED = "truncated"
    BAD_STRUCTURE = "bad_structure"
    UNSUPPORTED = "unsupported"
    UNKNOWN_TOPIC = "unknown_topic"
    UNKNOWN_CHANNEL = "unknown_channel"
    UNKNOWN_METRIC = "unknown_metric"
    WRONG_UNIT = "wrong_unit"
    WRONG_TYPE = "wrong_type"
    NOT_FINITE = "not_finite"
    IMPLAUSIBLE = "implausible"
    TIME_ABSURD = "time_absurd"
    RETAINED_WITHOUT_TIME = "retained_without_time"
    CODEC_FAILED = "codec_failed"
    UNKNOWN_DEVICE = "unknown_device"
    UNASSIGNED = "unassigned"
    REFUSED_BY_DATABASE = "refused_by_database"

    @property
    def message(self) -> str:
        """Name of its sentence in `core/wording`."""
        return f"quarantine-{self.value.replace('_', '-')}"
