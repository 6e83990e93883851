"""Who may do what: the one table. Where a user may do it is the scope's question (storage.scope)."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Role(StrEnum):
    """As in the table app_user."""

    RESPONDER = "responder"
    SUPERVISOR = "supervisor"
    FAMILY = "family"
    OPERATOR = "operator"
    INTEGRATOR = "integrator"


class Permission(StrEnum):
    """Something that a route needs."""

    INCIDENT_READ = "incident:read"
    INCIDENT_WORK = "incident:work"
    AREA_READ = "area:read"
    HOUSEHOLD_READ = "household:read"
    RESIDENT_READ = "resident:read"
    DEVICE_READ = "device:read"
    DIRECTORY_WRITE = "directory:write"
    ALARM_TEST = "alarm:test"
    CARE_PLAN_READ = "care-plan:read"
    CARE_PLAN_WRITE = "care-plan:write"
    CONTACT_READ = "contact:read"
    CONTACT_WRITE = "contact:write"
    READING_READ = "reading:read"
    POSITION_READ = "position:read"
    DETECTOR_READ = "detector:read"
    FIGURE_READ = "figure:read"
    AUDIT_READ = "audit:read"
    CHECK_READ = "check:read"
    CHECK_WORK = "check:work"
    CHECK_WRITE = "check:write"
    STAFF_READ = "staff:read"
    STAFF_WRITE = "staff:write"
    ROTA_READ = "rota:read"
    ROTA_WRITE = "rota:write"
    POLICY_READ = "policy:read"
    POLICY_WRITE = "policy:write"
    COVERAGE_READ = "coverage:read"


_READ = {
    Permission.INCIDENT_READ,
    Permission.AREA_READ,
    Permission.RESIDENT_READ,
    Permission.DEVICE_READ,
    Permission.READING_READ,
    Permission.CARE_PLAN_READ,
}
_ANSWER = _READ | {
    Permission.INCIDENT_WORK,
    Permission.HOUSEHOLD_READ,
    Permission.CONTACT_READ,
    Permission.POSITION_READ,
    Permission.ALARM_TEST,
    Permission.CHECK_READ,
    Permission.CHECK_WORK,
    Permission.STAFF_READ,
    Permission.ROTA_READ,
    Permission.POLICY_READ,
    Permission.COVERAGE_READ,
}

GRANTS: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        Role.RESPONDER: frozenset(_ANSWER),
        Role.SUPERVISOR: frozenset(
            _ANSWER
            | {
                Permission.CARE_PLAN_WRITE,
                Permission.CONTACT_WRITE,
                Permission.DETECTOR_READ,
                Permission.FIGURE_READ,
                Permission.AUDIT_READ,
                Permission.CHECK_WRITE,
                Permission.STAFF_WRITE,
                Permission.ROTA_WRITE,
                Permission.POLICY_WRITE,
            }
        ),
        # Their own residents only. Other contacts' numbers and how to get into the home are not for them.
        Role.FAMILY: frozenset(
            {
                Permission.INCIDENT_READ,
                Permission.RESIDENT_READ,
                Permission.DEVICE_READ,
                Permission.READING_READ,
                Permission.CARE_PLAN_READ,
                Permission.POSITION_READ,
            }
        ),
        # Runs the equipment: who lives where and what is wrong with it, but no vital signs and no positions.
        Role.OPERATOR: frozenset(
            {
                Permission.INCIDENT_READ,
                Permission.AREA_READ,
                Permission.HOUSEHOLD_READ,
                Permission.RESIDENT_READ,
                Permission.DEVICE_READ,
                Permission.DIRECTORY_WRITE,
                Permission.ALARM_TEST,
                Permission.CARE_PLAN_READ,
                Permission.CARE_PLAN_WRITE,
                Permission.CONTACT_READ,
                Permission.CONTACT_WRITE,
                Permission.DETECTOR_READ,
                # Counts and times: no names, no notes.
                Permission.FIGURE_READ,
                Permission.COVERAGE_READ,
            }
        ),
        Role.INTEGRATOR: frozenset(_READ),
    }
)
