"""Regular checks (探访关爱): plans of visits and calls, the tasks they give, and how many residents were reached."""

from collections.abc import Iterable
from datetime import date, time
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse

from alerts import report, service
from alerts.checks import State
from api.dependencies import API, CheckReader, CheckWorker, CheckWriter, Conn, FigureReader, Now
from api.idempotency import OnceOnly
from api.paging import Cursor, Limit, Page, decode, encode, split
from api.permissions import GRANTS, Permission, Role
from api.problems import ProblemError, not_found, responses, wrong_field
from api.routes.areas import area_in_scope
from api.routes.residents import in_scope
from api.schemas.base import AreaCode
from api.schemas.checks import AreaChecks, CheckFigures, Doer, Done, NewPlan, Plan, PlanDetails, Task, clock
from storage import checks, people, users
from storage.pool import Connection
from storage.users import User

router = APIRouter(prefix=f"{API}/checks", tags=["checks"])

_REFUSALS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY)
_ONE_REFUSALS = (*_REFUSALS, HTTPStatus.NOT_FOUND)

PlanId = Annotated[int, Path(ge=1, le=2**31 - 1)]
TaskId = Annotated[int, Path(ge=1, le=2**63 - 1)]
AreaFilter = Annotated[AreaCode | None, Query(description="only in this area's subtree")]
ResidentFilter = Annotated[int | None, Query(ge=1, le=2**31 - 1)]
Month = Annotated[str, Query(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$", description="YYYY-MM")]


@router.get("/plans", summary="Plans of visits and calls", responses=responses(*_REFUSALS))
async def list_check_plans(
    user: CheckReader,
    connection: Conn,
    area: AreaFilter = None,
    resident_id: ResidentFilter = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[Plan]:
    """Plans that have not been ended."""
    found = await checks.plans(
        connection,
        user.scope.path,
        area_path=await _area_path(connection, user, area),
        resident_id=resident_id,
        after=decode(cursor, int) if cursor else 0,
        maximum=limit + 1,
    )
    items, last = split(found, limit)
    return Page(items=[_plan(item) for item in items], next_cursor=encode(last.id) if last else None)


@router.post(
    "/plans",
    status_code=HTTPStatus.CREATED,
    summary="Add a plan",
    response_model=Plan,
    responses=responses(*_REFUSALS, HTTPStatus.CONFLICT),
)
async def add_check_plan(new: NewPlan, user: CheckWriter, connection: Conn, now: Now, once: OnceOnly) -> JSONResponse:
    """Add a plan. Its first tasks are there at once; what would have been due before now is asked of nobody."""

    async def add() -> Plan:
        resident = await people.resident(connection, user.scope, now, new.resident_id)
        if resident is None:
            raise wrong_field("resident_id", "there is no such resident")
        details = await _details(connection, new, resident)
        plan_id = await service.add_check_plan(connection, resident.id, details, now)
        return _plan(await _plan_in_scope(connection, user, plan_id))

    return await once(add, HTTPStatus.CREATED)


@router.put("/plans/{plan_id}", summary="Change a plan", responses=responses(*_ONE_REFUSALS))
async def change_check_plan(plan_id: PlanId, given: PlanDetails, user: CheckWriter, connection: Conn, now: Now) -> Plan:
    """Write everything but whose plan it is. Tasks that are due already stay to be done."""
    before = await _plan_in_scope(connection, user, plan_id)
    resident = await in_scope(connection, user, now, before.resident_id)
    await service.change_check_plan(connection, plan_id, await _details(connection, given, resident), now)
    return _plan(await _plan_in_scope(connection, user, plan_id))


@router.delete(
    "/plans/{plan_id}",
    status_code=HTTPStatus.NO_CONTENT,
    summary="End a plan",
    responses=responses(*_ONE_REFUSALS),
)
async def end_check_plan(plan_id: PlanId, user: CheckWriter, connection: Conn, now: Now) -> None:
    """Nothing is asked any more. What was done stays, and what is overdue stays to be looked into."""
    await _plan_in_scope(connection, user, plan_id)
    await service.end_check_plan(connection, plan_id, now)


@router.get("/tasks", summary="Checks to do and done", responses=responses(*_REFUSALS))
async def list_check_tasks(
    user: CheckReader,
    connection: Conn,
    now: Now,
    area: AreaFilter = None,
    state: Annotated[list[State] | None, Query(description="only in these states")] = None,
    day: Annotated[date | None, Query(description="only of this day, in each resident's time zone")] = None,
    resident_id: ResidentFilter = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[Task]:
    """By when they are due: the soonest first, but the newest where only done, overdue or missed ones are asked for.

    Overdue asks to be done; missed was overdue when the resident was reached by another check, and is there to be seen.
    """
    found = await checks.tasks(
        connection,
        user.scope.path,
        now,
        area_path=await _area_path(connection, user, area),
        resident_id=resident_id,
        states=[one.value for one in state] if state else None,
        day=day,
        after=decode(cursor, checks.TaskPlace) if cursor else None,
        maximum=limit + 1,
    )
    items, last = split(found, limit)
    place = checks.TaskPlace(last.due_at, last.id) if last else None
    return Page(items=[_task(item) for item in items], next_cursor=encode(place) if place else None)


@router.post(
    "/tasks/{task_id}/done",
    summary="What came of a check",
    response_model=Task,
    responses=responses(*_ONE_REFUSALS, HTTPStatus.CONFLICT),
)
async def record_check(
    task_id: TaskId, given: Done, user: CheckWorker, connection: Conn, now: Now, once: OnceOnly
) -> JSONResponse:
    """Well, or needs help: that opens an incident of the care queue. Not reached leaves the check to be done.

    409 names who has done it and when.
    """

    async def record() -> Task:
        if await checks.task(connection, user.scope.path, now, task_id) is None:
            raise not_found("check")
        try:
            await service.record_check(connection, task_id, user.id, given.outcome, given.note, now)
        except service.NotFound:
            raise not_found("check") from None
        except service.AlreadyDone as done:
            raise ProblemError(
                HTTPStatus.CONFLICT,
                "check-done",
                "Somebody has done this check",
                f"{done.by} did it at {done.at.isoformat(timespec='seconds')}.",
                members={"done_by": done.by, "done_at": done.at.isoformat()},
            ) from done
        except service.NotYet as early:
            raise ProblemError(
                HTTPStatus.CONFLICT,
                "check-not-yet",
                "This check is of another day",
                f"It can be done from {early.opens_at.isoformat(timespec='seconds')} on.",
                members={"opens_at": early.opens_at.isoformat()},
            ) from early
        shown = await checks.task(connection, user.scope.path, now, task_id)
        if shown is None:
            raise not_found("check")
        return _task(shown)

    return await once(record)


@router.get("/figures", summary="How many residents were reached", responses=responses(*_REFUSALS))
async def check_figures(
    user: FigureReader, connection: Conn, now: Now, month: Month, area: AreaFilter = None
) -> CheckFigures:
    """A month's checks that have come up, for each area with all below it."""
    path = await _area_path(connection, user, area) or user.scope.path
    try:
        meant = report.Month.read(month)
    except ValueError as error:
        raise wrong_field("month", str(error), "query") from error
    found = await checks.figures(connection, path, meant.first, meant.last, now)
    return CheckFigures(month=month, rows=[area_checks(row) for row in found])


def area_checks(row: checks.AreaFigures) -> AreaChecks:
    """An area's checks as they are shown."""
    return AreaChecks(
        area=row.area,
        area_name=row.area_name,
        residents=row.residents,
        due=row.due,
        done=row.done,
        reached=row.reached,
        overdue=row.overdue,
        share_reached=row.reached / row.residents if row.residents else None,
    )


async def _area_path(connection: Connection, user: User, area: str | None) -> str | None:
    return (await area_in_scope(connection, user, area, "area", "query")).path if area else None


async def _plan_in_scope(connection: Connection, user: User, plan_id: int) -> checks.Plan:
    found = await checks.plan(connection, user.scope.path, plan_id)
    if found is None:
        raise not_found("plan")
    return found


async def _details(connection: Connection, given: PlanDetails, resident: people.Resident) -> checks.PlanDetails:
    if given.assignee_id is not None:
        assignee = await users.user(connection, given.assignee_id)
        if assignee is None or not _may_do_it(assignee, resident):
            raise wrong_field("assignee_id", "nobody of that id does checks where the resident lives")
    return checks.PlanDetails(
        kind=given.kind,
        weekdays=given.weekdays,
        every_days=given.every_days,
        due_by=time.fromisoformat(given.due_by),
        grace_hours=given.grace_hours,
        assignee_id=given.assignee_id,
        starts_on=given.starts_on,
        ends_on=given.ends_on,
        note=given.note,
    )


def _may_do_it(user: User, resident: people.Resident) -> bool:
    works = Permission.CHECK_WORK in GRANTS[Role(user.role)] and user.disabled_at is None
    return works and user.area_path is not None and resident.area_path.startswith(user.area_path)


def _plan(plan: checks.Plan) -> Plan:
    return Plan.model_validate(_fields(plan, Plan.model_fields) | {"due_by": clock(plan.due_by)})


def _task(task: checks.ShownTask) -> Task:
    by = None if task.done_by is None else Doer(id=task.done_by, name=task.done_by_name)
    known = (name for name in Task.model_fields if name not in ("done_by", "made_late"))
    late = task.made_at >= task.overdue_at
    return Task.model_validate(_fields(task, known) | {"done_by": by, "made_late": late})


def _fields(row: object, names: Iterable[str]) -> dict[str, object]:
    return {name: getattr(row, name) for name in names}
