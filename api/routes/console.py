"""The console: its page at every address that is not the API's, its files, and how it is set up here.

Last of the routes: its page answers whatever a browser opens that no other route knows.
"""

from http import HTTPStatus
from importlib.metadata import version
from typing import Annotated, Final

from fastapi import APIRouter, Header, Response
from starlette.convertors import Convertor, register_url_convertor
from starlette.exceptions import HTTPException

from api.console import File, NotBuiltError, policy
from api.dependencies import API, Now, Shared
from api.schemas.console import ConsoleConfiguration
from core.wording import LANGUAGES

router = APIRouter(tags=["console"])

ANSWER_TARGET_S: Final = (60, 180)
"""Seconds: 97.5 % of emergencies are to be answered within the first, 99 % within the second."""

_NOT_BUILT = (
    "The console is not built in this installation: run `make console` in Kanhu's source tree. The API works.\n"
    "此处尚未构建控制台：请在 Kanhu 源码目录运行 `make console`。API 可正常使用。\n"
)
_YEAR = "public, max-age=31536000, immutable"

AcceptEncoding = Annotated[str, Header()]


class _PageConvertor(Convertor[str]):
    """Any path but those of the API, the family's links and the watchdogs: these keep their 404 and 405."""

    regex = r"(?!(?:api|confirm|assets|healthz|readyz|metrics)(?:/|$)).*"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("console_page", _PageConvertor())


@router.get(f"{API}/console", summary="How the console is set up")
async def console_configuration(shared: Shared, now: Now) -> ConsoleConfiguration:
    """Nothing of anybody: it is asked before signing in."""
    return ConsoleConfiguration(
        now=now,
        version=version("kanhu"),
        languages=list(LANGUAGES),
        answer_target_s=list(ANSWER_TARGET_S),
        tiles_url=shared.settings.tiles_url,
        tiles_attribution=shared.settings.tiles_attribution,
    )


@router.get("/assets/{name}", include_in_schema=False)
def console_asset(name: str, shared: Shared, accept_encoding: AcceptEncoding = "") -> Response:
    """A file with a hash in its name: kept for a year. 404 is a problem, as everywhere."""
    file = shared.console.asset(name)
    if file is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return _answer(file, accept_encoding, {"Cache-Control": _YEAR})


@router.get("/{page:console_page}", include_in_schema=False)
def console_page(page: str, shared: Shared, accept_encoding: AcceptEncoding = "") -> Response:
    """The page, whatever its address: the console reads the address itself."""
    last = page.rpartition("/")[2]
    if "." in last:
        file = shared.console.beside(page)
        if file is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return _answer(file, accept_encoding, {"Cache-Control": "no-cache"})
    try:
        index = shared.console.index()
    except NotBuiltError:
        return Response(_NOT_BUILT, HTTPStatus.SERVICE_UNAVAILABLE, media_type="text/plain; charset=utf-8")
    tiles = shared.settings.tiles_url
    headers = {"Cache-Control": "no-cache", "Content-Security-Policy": policy(tiles)}
    if tiles is not None:
        # Tile servers want to know whom they serve: the site, never the page, which names an incident.
        headers["Referrer-Policy"] = "strict-origin"
    return _answer(index, accept_encoding, headers)


def _answer(file: File, accept_encoding: str, headers: dict[str, str]) -> Response:
    headers = {**headers, "Vary": "Accept-Encoding"}
    if file.packed is None or not _takes_gzip(accept_encoding):
        return Response(file.content, headers=headers, media_type=file.media_type)
    return Response(file.packed, headers={**headers, "Content-Encoding": "gzip"}, media_type=file.media_type)


def _takes_gzip(accept_encoding: str) -> bool:
    """Whether `gzip` is named, and not refused by a weight of 0."""
    for entry in accept_encoding.lower().split(","):
        name, _, weight = entry.partition(";")
        if name.strip() == "gzip":
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
