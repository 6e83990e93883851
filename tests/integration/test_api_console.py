"""The console as the API serves it: its page at every address but the API's, its files, its policy, its set-up."""

import gzip
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from api.console import Console
from core.clock import SECOND
from tests.support.api_world import NOW, Api, running

INDEX = "<!doctype html><title>Kanhu</title>"
SCRIPT = "console.log('看护');\n" * 100


@pytest.fixture
def built(tmp_path: Path) -> Path:
    assets = tmp_path / "console_dist" / "assets"
    assets.mkdir(parents=True)
    (assets.parent / "index.html").write_text(INDEX, encoding="utf-8")
    (assets.parent / "icon.svg").write_text("<svg/>", encoding="utf-8")
    (assets / "index-D4f_x-1.js").write_text(SCRIPT, encoding="utf-8")
    (assets / "font-Ab12.woff2").write_bytes(b"wOF2")
    (tmp_path / "secret.txt").write_text("not for anybody", encoding="utf-8")
    return assets.parent


@pytest.fixture
async def api(embedded_database: str, built: Path) -> AsyncIterator[Api]:
    async with running(embedded_database) as running_api:
        _with_console(running_api, built)
        yield running_api


def _with_console(api: Api, directory: Path) -> None:
    api.app.state.kanhu = replace(api.services, console=Console(directory))


PAGES = ("/", "/incidents/7", "/board", "/sign-in?next=/board", "/apiary", "/metricsboard", "/a/b/c")
ELSEWHERE = (
    *("/api", "/api/", "/api/v1", "/api/v1/nothing", "/api/v2/incidents", "/confirm", "/confirm/", "/healthz/x"),
    *("/metrics/x", "/readyz/x", "/assets", "/assets/", "/assets/gone-1234.js", "/assets/a/b.js", "/robots.txt"),
    *("/assets/..%2f..%2fsecret.txt", "/..%2fsecret.txt", "/assets/%2e%2e", "/assets/.hidden", "/icon.svg/x.png"),
)


async def test_the_page_is_at_every_address_of_the_console(api: Api) -> None:
    async with api.client() as client:
        for path in PAGES:
            answer = await client.get(path)
            assert answer.status_code == 200, path
            assert answer.text == INDEX
            assert answer.headers["content-type"] == "text/html; charset=utf-8"
            # The page names the hashed files: an old one would ask for files that are gone.
            assert answer.headers["cache-control"] == "no-cache"
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["referrer-policy"] == "no-referrer"


async def test_what_is_not_the_consoles_is_a_problem_as_ever(api: Api) -> None:
    async with api.client() as client:
        for path in ELSEWHERE:
            answer = await client.get(path)
            assert answer.status_code == 404, path
            assert answer.headers["content-type"] == "application/problem+json"


async def test_the_page_does_not_stand_in_for_other_methods_of_the_api(api: Api) -> None:
    async with api.client() as client:
        assert (await client.post("/api/v1/nothing")).status_code == 404
        assert (await client.delete("/api/v1/console")).status_code == 405
        assert (await client.post("/board")).status_code == 405


async def test_its_policy_lets_nothing_in_from_elsewhere(api: Api) -> None:
    async with api.client() as client:
        policy = (await client.get("/board")).headers["content-security-policy"]
    directives = dict(part.split(" ", 1) for part in policy.split("; "))
    assert directives["default-src"] == "'none'"
    assert directives["script-src"] == "'self'"
    assert directives["connect-src"] == "'self'"
    assert directives["img-src"] == "'self' data: blob:"
    assert directives["frame-ancestors"] == "'none'"
    assert "http" not in policy
    assert "*" not in policy


async def test_the_tiles_host_is_let_in_for_pictures_only(embedded_database: str, built: Path) -> None:
    tiles = "https://tiles.example.org:8443/{z}/{x}/{y}.png?key=1"
    set_up = running(embedded_database, tiles_url=tiles, tiles_attribution="© 地图")
    async with set_up as api, api.client() as client:
        _with_console(api, built)
        page = await client.get("/")
        told = (await client.get("/api/v1/console")).json()
    policy = page.headers["content-security-policy"]
    assert policy.count("tiles.example.org") == 1
    assert "img-src 'self' data: blob: https://tiles.example.org:8443;" in policy
    assert page.headers["referrer-policy"] == "strict-origin"
    assert (told["tiles_url"], told["tiles_attribution"]) == (tiles, "© 地图")


async def test_a_hashed_file_is_kept_for_a_year_and_packed_for_who_takes_it(api: Api) -> None:
    path = "/assets/index-D4f_x-1.js"
    async with api.client() as client:
        plain = await client.get(path, headers={"Accept-Encoding": "gzip;q=0, br"})
        packed = await client.get(path, headers={"Accept-Encoding": "br, gzip"})
        font = await client.get("/assets/font-Ab12.woff2")
    assert plain.headers["content-type"] == "text/javascript; charset=utf-8"
    for answer in (plain, packed, font):
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert plain.headers["vary"] == packed.headers["vary"] == "Accept-Encoding"
    assert plain.text == packed.text == SCRIPT
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) == len(gzip.compress(SCRIPT.encode(), mtime=0)) < len(SCRIPT)
    assert font.headers["content-type"] == "font/woff2"
    assert "content-encoding" not in font.headers


async def test_what_lies_beside_the_page_is_asked_for_anew(api: Api) -> None:
    async with api.client() as client:
        icon = await client.get("/icon.svg")
    assert icon.text == "<svg/>"
    assert icon.headers["content-type"] == "image/svg+xml"
    assert icon.headers["cache-control"] == "no-cache"
    # Opened by itself it is a document, which may run nothing.
    assert icon.headers["content-security-policy"].startswith("default-src 'none'")


async def test_a_build_takes_effect_while_the_process_runs(api: Api, built: Path) -> None:
    async with api.client() as client:
        (built / "index.html").write_text("<!doctype html>new", encoding="utf-8")
        assert (await client.get("/")).text == "<!doctype html>new"


async def test_without_a_build_it_says_what_to_do(api: Api, tmp_path: Path) -> None:
    _with_console(api, tmp_path / "nothing")
    async with api.client("responder") as client:
        page = await client.get("/incidents/7")
        assert (await client.get("/api/v1/incidents")).status_code == 200
    assert page.status_code == 503
    assert page.headers["content-type"] == "text/plain; charset=utf-8"
    assert "make console" in page.text
    assert "控制台" in page.text


async def test_how_it_is_set_up_is_told_without_signing_in(api: Api) -> None:
    api.clock.advance(90 * SECOND)
    async with api.client() as client:
        answer = await client.get("/api/v1/console")
    assert answer.status_code == 200
    told = answer.json()
    assert told.pop("version")
    assert told == {
        "now": NOW.replace(minute=1, second=30).isoformat().replace("+00:00", "Z"),
        "languages": ["zh-CN", "en"],
        "answer_target_s": [60, 180],
        "tiles_url": None,
        "tiles_attribution": "",
    }
