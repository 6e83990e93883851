"""Escalation policies: who is told when, until somebody answers."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse

from alerts import planning, policies
from alerts.policies import Hole
from api.dependencies import API, Conn, Language, PolicyReader, PolicyWriter
from api.idempotency import OnceOnly
from api.problems import FieldError, not_found, responses, wrong_fields
from api.routes.areas import area_in_scope
from api.routes.own_area import CHANGES, REFUSALS, Area, area_path, is_own
from api.routes.taken import told_as_conflict
from api.schemas import policies as schemas
from api.schemas.rota import WorkingHours
from core.care import CarePlan
from core.findings import Queue
from core.wording import say
from storage import policies as stored
from storage.policies import PolicyDetails, StoredPolicy
from storage.pool import Connection
from storage.users import User

router = APIRouter(prefix=f"{API}/policies", tags=["policies"])

PolicyId = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.get("", summary="Escalation policies", responses=responses(*REFUSALS))
async def list_policies(
    user: PolicyReader, connection: Conn, language: Language, area: Area = None
) -> schemas.Policies:
    """What is built in, what holds everywhere and above the area, and those of the area and all below it."""
    path = await area_path(connection, user, area)
    found = await stored.policies(connection, subtree=path, upwards=path)
    return schemas.Policies(
        items=[*(_built_in(queue, language) for queue in Queue), *(_shown(row, language) for row in found)]
    )


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    summary="Add a policy",
    response_model=schemas.StoredPolicy,
    responses=responses(*CHANGES),
)
async def add_policy(
    new: schemas.PolicyDetails, user: PolicyWriter, connection: Conn, language: Language, once: OnceOnly
) -> JSONResponse:
    """Add a policy to an area of the user's own. 422 for one by which nobody of the centre would hear of an emergency
    in time; lesser holes are named in the answer."""
    area = await area_in_scope(connection, user, new.area, "area")
    _check(new, language)

    async def add() -> schemas.StoredPolicy:
        with told_as_conflict():
            policy_id = await stored.add_policy(connection, area.id, _details(new))
        return _shown(await _policy(connection, user, policy_id), language)

    return await once(add, HTTPStatus.CREATED)


@router.put("/{policy_id}", summary="Change a policy", responses=responses(*CHANGES))
async def change_policy(
    policy_id: PolicyId, given: schemas.PolicyDetails, user: PolicyWriter, connection: Conn, language: Language
) -> schemas.StoredPolicy:
    """Write all of a policy. Incidents that are open keep the one they have until they become more severe."""
    await _policy(connection, user, policy_id)
    area = await area_in_scope(connection, user, given.area, "area")
    _check(given, language)
    with told_as_conflict():
        await stored.update_policy(connection, policy_id, area.id, _details(given))
    return _shown(await _policy(connection, user, policy_id), language)


@router.delete(
    "/{policy_id}",
    status_code=HTTPStatus.NO_CONTENT,
    summary="Delete a policy",
    responses=responses(*CHANGES),
)
async def delete_policy(policy_id: PolicyId, user: PolicyWriter, connection: Conn) -> None:
    """The next less specific one counts; what is built in where there is none. Open incidents keep theirs."""
    await _policy(connection, user, policy_id)
    await stored.delete_policy(connection, policy_id)


async def _policy(connection: Connection, user: User, policy_id: int) -> StoredPolicy:
    """A policy of an area of the user's own. Raises ProblemError (404)."""
    found = await stored.policy(connection, policy_id)
    if found is None or not is_own(user, found.area_path):
        raise not_found("policy")
    return found


def _check(given: schemas.PolicyDetails, language: str) -> None:
    """Raise ProblemError (422) where an emergency would leave nobody told."""
    refused = [hole for hole in policies.holes(given.policy.value, given.queue) if hole.refused]
    if refused:
        raise wrong_fields(
            FieldError(location="body", field="policy.steps", pointer="/policy/steps", detail=text)
            for text in _words(refused, language)
        )


def _words(holes: Sequence[Hole], language: str) -> list[str]:
    return [say(hole.message, language, **hole.values) for hole in holes]


def _details(given: schemas.PolicyDetails) -> PolicyDetails:
    return PolicyDetails(
        queue=given.queue.value,
        min_severity=given.min_severity,
        hours=None if given.hours is None else given.hours.value,
        timezone=given.timezone,
        policy=given.policy.model_dump(mode="json"),
    )


def _built_in(queue: Queue, language: str) -> schemas.StoredPolicy:
    rule = policies.built_in(queue)
    return schemas.StoredPolicy(
        id=None,
        area=None,
        queue=queue,
        min_severity=rule.min_severity,
        hours=None,
        timezone=CarePlan().timezone,
        policy=schemas.Policy.of(rule.policy),
        holes=_words(policies.holes(rule.policy, queue), language),
    )


def _shown(row: StoredPolicy, language: str) -> schemas.StoredPolicy:
    queue = Queue(row.queue)
    policy = planning.readable_policy(row.policy, row.queue)
    return schemas.StoredPolicy(
        id=row.id,
        area=row.area,
        queue=queue,
        min_severity=row.min_severity,
        hours=None if row.hours is None else WorkingHours.of(row.hours),
        timezone=row.timezone,
        policy=schemas.Policy.of(policy),
        holes=_words(policies.holes(policy, queue), language),
    )
