"""Signing in, staying signed in, signing out, and what the token is good for."""

from collections.abc import AsyncIterator

import jwt
import pytest

from core.clock import HOUR, MINUTE, SECOND
from storage import users
from tests.support.api_world import NOW, PASSWORD, SECRET, Api, running


@pytest.fixture
async def api(embedded_database: str) -> AsyncIterator[Api]:
    async with running(embedded_database, token_minutes=15, refresh_hours=12) as running_api:
        yield running_api


async def test_a_form_and_json_sign_in_alike(api: Api) -> None:
    given = {"username": "responder", "password": PASSWORD}
    async with api.client() as client:
        for answer in (
            await client.post("/api/v1/token", data=given | {"grant_type": "password"}),
            await client.post("/api/v1/token", json=given),
        ):
            assert answer.status_code == 200
            token = answer.json()
            assert (token["token_type"], token["expires_in"]) == ("bearer", 900)
            assert token["user"]["role"] == "responder"
            assert "incident:work" in token["user"]["permissions"]
            me = await client.get("/api/v1/me", headers={"Authorization": f"Bearer {token['access_token']}"})
            assert (me.json()["name"], me.json()["area"]) == ("responder", "west")


async def test_wrong_name_and_wrong_password_are_told_alike(api: Api) -> None:
    wrong = [("responder", "wrong password"), ("nobody", PASSWORD), ("responder", PASSWORD.upper())]
    async with api.client() as client:
        for name, password in wrong:
            answer = await client.post("/api/v1/token", json={"username": name, "password": password})
            problem = answer.json()
            assert (answer.status_code, problem["type"]) == (401, "urn:kanhu:problem:wrong-name-or-password")
            assert problem["error"] == "invalid_grant"
            assert problem["detail"] == "The name or the password is wrong, or the account is not in use."


async def test_a_token_is_good_until_its_last_second(api: Api) -> None:
    async with api.client("responder") as client:
        api.clock.advance(15 * MINUTE - SECOND)
        assert (await client.get("/api/v1/me")).status_code == 200
        api.clock.advance(SECOND)
        answer = await client.get("/api/v1/me")
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:kanhu:problem:sign-in-needed")
    assert "expired" in answer.json()["detail"]


def _forged(**changes: object) -> list[str]:
    good = {"iss": "kanhu", "aud": "kanhu:api", "sub": "1", "exp": 4_000_000_000, "session": 4_000_000_000}
    return [
        jwt.encode(good | changes, SECRET[::-1], algorithm="HS256"),
        jwt.encode(good, SECRET, algorithm="HS512"),
        jwt.encode(good, None, algorithm="none"),
        jwt.encode(good | {"aud": "kanhu:live"}, SECRET, algorithm="HS256"),
        jwt.encode(good | {"iss": "other"}, SECRET, algorithm="HS256"),
        jwt.encode({k: v for k, v in good.items() if k != "exp"}, SECRET, algorithm="HS256"),
        jwt.encode(good | {"sub": "9999"}, SECRET, algorithm="HS256"),
        "not.a.token",
        "",
    ]


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
async def test_a_token_that_is_not_ours_is_refused(api: Api) -> None:
    async with api.client() as client:
        for token in _forged():
            answer = await client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code == 401, token


async def test_a_refresh_token_counts_once(api: Api) -> None:
    async with api.client() as client:
        first = (await client.post("/api/v1/token", json={"username": "responder", "password": PASSWORD})).json()
        spent = {"refresh_token": first["refresh_token"]}
        api.clock.advance(HOUR)
        second = await client.post("/api/v1/token/refresh", json=spent)
        assert second.status_code == 200
        headers = {"Authorization": f"Bearer {second.json()['access_token']}"}
        assert (await client.get("/api/v1/me", headers=headers)).status_code == 200
        again = await client.post("/api/v1/token/refresh", json=spent)
        assert (again.status_code, again.json()["type"]) == (401, "urn:kanhu:problem:refresh-token-spent")
        api.clock.advance(12 * HOUR)
        late = await client.post("/api/v1/token/refresh", json={"refresh_token": second.json()["refresh_token"]})
        assert late.status_code == 401


async def test_signing_out_ends_the_refresh_token(api: Api) -> None:
    async with api.client() as client:
        token = (await client.post("/api/v1/token", json={"username": "responder", "password": PASSWORD})).json()
        given = {"refresh_token": token["refresh_token"]}
        assert (await client.post("/api/v1/logout", json=given)).status_code == 204
        assert (await client.post("/api/v1/token/refresh", json=given)).status_code == 401


async def test_a_disabled_user_is_out_at_once(api: Api) -> None:
    async with api.client("responder") as client:
        token = (await client.post("/api/v1/token", json={"username": "responder", "password": PASSWORD})).json()
        async with api.services.transaction() as connection:
            await users.disable(connection, api.world.users["responder"], NOW)
        assert (await client.get("/api/v1/me")).status_code == 401
        given = {"refresh_token": token["refresh_token"]}
        assert (await client.post("/api/v1/token/refresh", json=given)).status_code == 401
        again = await client.post("/api/v1/token", json={"username": "responder", "password": PASSWORD})
        assert again.status_code == 401


async def test_guessing_gets_slower_and_the_owner_elsewhere_is_not_locked_out(api: Api) -> None:
    async with api.client() as client:
        for _ in range(5):
            answer = await client.post("/api/v1/token", json={"username": "responder", "password": "wrong"})
            assert answer.status_code == 401
        right = {"username": "responder", "password": PASSWORD}
        slowed = await client.post("/api/v1/token", json=right)
        assert (slowed.status_code, slowed.json()["type"]) == (429, "urn:kanhu:problem:too-many-tries")
        assert (await client.post("/api/v1/token", json=right | {"username": "supervisor"})).status_code == 200
        api.clock.advance(int(slowed.headers["retry-after"]) * SECOND)
        assert (await client.post("/api/v1/token", json=right)).status_code == 200
    waits = api.services.throttle.wait("responder", "192.0.2.7", NOW)
    assert not waits


async def test_an_old_hash_is_made_anew_with_todays_parameters(api: Api) -> None:
    async def stored() -> str | None:
        async with api.services.transaction() as connection:
            return await users.password_hash(connection, "responder")

    before = await stored()
    async with api.client() as client:
        given = {"username": "responder", "password": PASSWORD}
        assert (await client.post("/api/v1/token", json=given)).status_code == 200
        after = await stored()
        assert (await client.post("/api/v1/token", json=given)).status_code == 200
    assert before is not None
    assert after is not None
    assert "m=8," in before
    assert after.startswith("$argon2id$v=19$m=65536,")
    assert await stored() == after
