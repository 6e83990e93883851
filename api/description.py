"""The OpenAPI description: what it says beside the routes' own words, and errors as they really are."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api import problems
from api.schemas.incidents import Change

TAGS = [
    {"name": "session", "description": "Signing in, staying signed in, signing out."},
    {"name": "incidents", "description": "What a person works on: the queue, one incident, claim to closure, live."},
    {"name": "areas", "description": "City, county, street: a user sees the subtree they work in."},
    {"name": "households", "description": "Homes."},
    {"name": "residents", "description": "The people who are watched over, and their care plans."},
    {"name": "protection", "description": "Is this person protected now? One answer with its reasons, and the board."},
    {"name": "contacts", "description": "Who is told about a resident, and over which channels."},
    {"name": "devices", "description": "Wearables and home sensors."},
    {"name": "readings", "description": "What devices send."},
    {"name": "positions", "description": "Where a resident is: in an open incident, or for a reason that is kept."},
    {"name": "detectors", "description": "How often they were right, and what they missed."},
    {"name": "checks", "description": "Regular checks (探访关爱): plans, tasks, and how many residents were reached."},
    {"name": "figures", "description": "Answer, claim, on-scene and close times from the audit trail; its export."},
    {"name": "rota", "description": "Who is on shift: rotations, overrides, shifts; and the people of the centre."},
    {"name": "policies", "description": "Who is told when, until somebody answers."},
    {"name": "coverage", "description": "Would anybody answer now?"},
    {"name": "family", "description": "The page behind a contact's signed link."},
    {"name": "console", "description": "What the responders' web page asks before anybody signs in."},
    {"name": "receipts", "description": "What SMS providers say became of messages."},
    {"name": "operation", "description": "Health, readiness, metrics."},
]

TEXT = """
Watches over old people who live alone, and makes sure that a person answers.

- Every error is a problem detail (RFC 9457, `application/problem+json`); a wrong field is named in `errors`.
- Lists come in pages: send `next_cursor` back as `cursor`.
- A POST may carry an `Idempotency-Key`: sent again, it does nothing again and gets the same answer.
- Times are RFC 3339 with an offset; answers are in UTC. Event time and arrival time are never mixed.
- A user sees the subtree of areas they work in, a family member their own residents; all else is 404.
"""


def of(app: FastAPI) -> dict[str, Any]:
    """The description. Every error is a problem, where FastAPI would describe its own format, which is never sent."""
    if app.openapi_schema is None:
        app.openapi_schema = _describe(app)
    return app.openapi_schema


def _describe(app: FastAPI) -> dict[str, Any]:
    described = get_openapi(
        title=app.title,
        version=app.version,
        summary=app.summary,
        description=app.description,
        license_info=app.license_info,
        tags=app.openapi_tags,
        routes=app.routes,
    )
    schemas = described["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    problem = problems.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs"))
    schemas["Problem"] = problem
    # What the live stream's events carry: no answer of a route, but clients read it.
    change = Change.model_json_schema(mode="serialization", ref_template="#/components/schemas/{model}")
    schemas.update({name: schema for name, schema in change.pop("$defs").items() if name not in schemas})
    schemas["Change"] = change
    content = {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for path in described["paths"].values():
        for operation in path.values():
            for status, answer in operation["responses"].items():
                if int(status) >= 400 and "text/html" not in answer.get("content", {}):
                    answer["content"] = content
            if "application/json" in operation.get("requestBody", {}).get("content", {}):
                operation["responses"]["400"] = {"description": "The body can't be read", "content": content}
            operation["responses"]["500"] = {"description": "A fault of ours", "content": content}
    return described
