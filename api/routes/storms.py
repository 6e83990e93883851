"""Storms of maintenance findings that are not over."""

from http import HTTPStatus

from fastapi import APIRouter

from api.dependencies import API, Conn, IncidentReader
from api.problems import responses
from api.schemas.storms import Storm, Storms
from storage import storms

router = APIRouter(prefix=f"{API}/storms", tags=["incidents"])


@router.get(
    "", summary="Many incidents with one cause", responses=responses(HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
)
async def list_storms(user: IncidentReader, connection: Conn) -> Storms:
    """Those that are not over; incidents say which they belong to. A family member sees none, only what is theirs."""
    found = await storms.in_scope(connection, user.scope)
    return Storms(
        items=[
            Storm(
                id=storm.id,
                kind=storm.kind,
                area=storm.area,
                area_name=storm.area_name,
                count=storm.left,
                since=storm.since,
                last_at=storm.last_at,
                told_at=storm.told_at,
            )
            for storm in found
        ]
    )
