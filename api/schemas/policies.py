"""Escalation policies."""

from typing import Annotated, Self

from pydantic import ConfigDict, Field

from alerts import escalation
from alerts.escalation import Target
from api.schemas.base import AreaCode, Input, Output
from api.schemas.rota import TimeZone, WorkingHours
from core.findings import Queue

Severity = Annotated[int, Field(ge=1, le=5)]
Week = 604_800


class Step(Input):
    """Who is told, how many seconds after the step before it; of the first, after it came into the queue."""

    after_s: int = Field(ge=0, le=Week)
    targets: list[Target] = Field(
        min_length=1,
        max_length=4,
        description="queue: responders on shift, everybody of the area where nobody is. supervisors: likewise. "
        "family_next: the next of the call list. family: all of it at once.",
    )


class Policy(Input):
    """Steps, gone through `rounds` times; then the last one goes on for ever."""

    steps: list[Step] = Field(min_length=1, max_length=20)
    rounds: int = Field(1, ge=1, le=20)
    repeat_after_s: int = Field(180, ge=1, le=Week, description="from a round's last step to the next round's first")
    repeat_last_s: int = Field(300, ge=60, le=Week, description="how often the last step comes when rounds are over")

    @classmethod
    def of(cls, policy: escalation.Policy) -> Self:
        """As it is shown."""
        return cls.model_validate(escalation.policy_to(policy))

    @property
    def value(self) -> escalation.Policy:
        """As it is carried out."""
        return escalation.policy_from(self.model_dump(mode="json"))


class PolicyDetails(Input):
    """What an area does about incidents of a queue, of a severity and above, and perhaps only in some hours."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "area": "330106",
                "queue": "emergency",
                "min_severity": 4,
                "hours": {"weekdays": [1, 2, 3, 4, 5, 6, 7], "from": "22:00", "to": "06:00"},
                "policy": {
                    "steps": [
                        {"after_s": 0, "targets": ["queue", "family_next"]},
                        {"after_s": 60, "targets": ["queue", "supervisors", "family"]},
                    ],
                    "rounds": 3,
                },
            }
        }
    )

    area: AreaCode
    queue: Queue
    min_severity: Severity = 1
    hours: WorkingHours | None = Field(None, description="null: at all hours")
    timezone: TimeZone = Field("Asia/Shanghai", description="of the hours")
    policy: Policy


class StoredPolicy(Output):
    """A policy. The most specific one counts: nearest area upwards, then highest severity, then one with hours."""

    id: int | None = Field(description="null: built in")
    area: str | None = Field(description="null: everywhere")
    queue: Queue
    min_severity: int
    hours: WorkingHours | None
    timezone: str
    policy: Policy
    holes: list[str] = Field(description="what it leaves open, in words")


class Policies(Output):
    """Policies by area, queue and severity."""

    items: list[StoredPolicy]
