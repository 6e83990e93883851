"""How messages fare on their way: read the timelines as the story they tell.

lan and ming are responders, chen is their supervisor. The daughter has an SMS number and after it another channel, the
son an SMS number only. Provider, receipts and the family's page go over real HTTP, on one clock that is moved by hand.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from alerts import auditor, service
from alerts.lifecycle import ClosureCode
from core.findings import Kind
from storage import incidents
from tests.support.alarm_world import NOON, finding
from tests.support.sms_provider import OTHER_SECRET, Answer
from tests.support.telecom import DAUGHTER, SON, Telecom, open_telecom


@pytest.fixture
async def telecom(database: str) -> AsyncIterator[Telecom]:
    async with open_telecom(database) as telecom:
        yield telecom


async def alarm(telecom: Telecom) -> int:
    [raised] = await telecom.centre.raise_(finding(telecom.centre.world, Kind.FALL))
    await telecom.centre.until(0)
    return raised.incident_id


async def trail(telecom: Telecom, incident: int) -> list[str]:
    async with telecom.centre.transaction() as connection:
        events = await incidents.events_of(connection, incident)
    return [f"{(e.at - NOON).total_seconds():6.0f} s  {e.event}" for e in events]


async def test_the_sms_arrives_and_she_answers_on_the_page(telecom: Telecom) -> None:
    incident = await alarm(telecom)
    assert await telecom.states(incident) == ["SMS sent"]
    await telecom.centre.until(3)
    assert await telecom.report("delivered") == 204
    assert await telecom.states(incident) == ["SMS delivered"], "arrived is not read"
    await telecom.centre.until(25)
    assert telecom.timeline() == ["     0 s  lan, ming, SMS daughter"]
    page = await telecom.client.get(telecom.link())
    assert "跌倒：王秀兰" in page.text
    assert await telecom.states(incident) == ["SMS delivered"], "opening is not answering"
    await telecom.client.post(telecom.link(), data={"answer": "on_my_way"})
    assert await telecom.states(incident) == ["SMS confirmed"]
    await telecom.centre.until(40)
    await telecom.client.post(telecom.link(), data={"answer": "reached"})
    await telecom.centre.until(200)
    assert telecom.timeline() == [
        "     0 s  lan, ming, SMS daughter",
        "    60 s  chen",
        "   180 s  lan, ming, chen, SMS son",
    ]
    assert await trail(telecom, incident) == [
        "     0 s  open",
        "     0 s  escalate",
        "    25 s  confirm",
        "    40 s  confirm",
        "    60 s  escalate",
        "   180 s  escalate",
    ]


async def test_the_provider_takes_it_and_says_no_more(telecom: Telecom) -> None:
    incident = await alarm(telecom)
    await telecom.centre.until(19)
    assert telecom.timeline() == ["     0 s  lan, ming, SMS daughter"]
    await telecom.centre.until(59)
    assert telecom.timeline() == ["     0 s  lan, ming, SMS daughter", "    20 s  daughter-2"]
    assert await telecom.states(incident) == ["SMS sent", "log sent"]
    [sms, _] = [d for d in await telecom.deliveries(incident) if d.contact_id == telecom.centre.world.daughter]
    assert (sms.error, sms.failover_at) == ("no receipt within 20 s", NOON + timedelta(seconds=20))
    assert await telecom.report("delivered") == 204
    assert await telecom.states(incident) == ["SMS delivered", "log sent"], "late is not never"


async def test_the_number_does_not_exist(telecom: Telecom) -> None:
    telecom.provider.answers[DAUGHTER] = [Answer(404, "unknown_number")]
    incident = await alarm(telecom)
    await telecom.centre.until(180)
    assert telecom.timeline() == [
        "     0 s  lan, ming, daughter-2, SMS daughter",
        "    60 s  chen, SMS son",
        "   180 s  lan, ming, chen, daughter-2, SMS son",
    ], "told over the next channel at once, and from then on"
    assert await telecom.states(incident) == ["SMS failed", "log sent", "log sent"]


async def test_the_provider_took_it_and_finds_that_it_can_not_deliver(telecom: Telecom) -> None:
    incident = await alarm(telecom)
    await telecom.centre.until(4)
    assert await telecom.report("failed", error="blocked") == 204
    await telecom.centre.until(59)
    assert telecom.timeline() == ["     0 s  lan, ming, SMS daughter", "     4 s  daughter-2"]
    assert await telecom.states(incident) == ["SMS failed", "log sent"]


async def test_the_provider_is_down(telecom: Telecom) -> None:
    telecom.provider.answers[DAUGHTER] = [Answer(503)] * 4
    incident = await alarm(telecom)
    [first] = [d for d in await telecom.deliveries(incident) if d.contact_id == telecom.centre.world.daughter]
    assert (first.state, first.error, first.next_attempt_at) == (
        "queued", "answered 503", NOON + timedelta(seconds=1),
    )  # fmt: skip
    await telecom.centre.until(59)
    assert telecom.timeline() == [
        "     0 s  lan, ming, SMS daughter",
        "     1 s  SMS daughter",
        "     4 s  SMS daughter",
        "    12 s  daughter-2, SMS daughter",
    ]
    assert await telecom.states(incident) == ["SMS failed", "log sent"]
    assert "unreachable" not in " ".join(await trail(telecom, incident))


async def test_the_provider_is_so_slow_that_her_other_channel_is_quicker(
    telecom: Telecom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alerts.notify.sms._URGENT_TIMEOUT_S", 1.0)
    telecom.provider.answers[DAUGHTER] = [Answer(delay=2.5)]
    incident = await alarm(telecom)
    await telecom.centre.until(59)
    async with asyncio.timeout(20):
        while len(telecom.provider.messages(DAUGHTER)) < 2:  # noqa: ASYNC110 - of another thread
            await asyncio.sleep(0.05)
    # The first was taken after all, only too slowly: the second has the same name, so that she gets one SMS.
    names = [got.body["message_id"] for got in telecom.provider.messages(DAUGHTER)]
    assert names == [f"delivery-{(await telecom.deliveries(incident))[2].id}"] * 2
    assert await telecom.states(incident) == ["SMS sent", "log sent"]


async def test_the_provider_asks_for_patience_that_an_emergency_has_not(telecom: Telecom) -> None:
    telecom.provider.answers[DAUGHTER] = [Answer(429, retry_after=120)]
    await alarm(telecom)
    assert telecom.timeline() == ["     0 s  lan, ming, daughter-2, SMS daughter"]


async def test_her_telephone_is_switched_off(telecom: Telecom) -> None:
    incident = await alarm(telecom)
    await telecom.centre.until(10)
    assert await telecom.report("expired", error="phone_off") == 204
    await telecom.centre.until(30)
    assert telecom.timeline() == [
        "     0 s  lan, ming, SMS daughter",
        "    11 s  SMS daughter",
        "    20 s  daughter-2",
    ]
    names = [str(got.body["message_id"]) for got in telecom.provider.messages(DAUGHTER)]
    assert names[1] == f"{names[0]}.2", "another name, or the provider would take it for the same message"
    assert await telecom.report("delivered") == 204
    assert await telecom.states(incident) == ["SMS delivered", "log sent"]


async def test_somebody_who_can_be_reached_by_nothing_else_is_named(telecom: Telecom) -> None:
    incident = await alarm(telecom)
    await telecom.centre.until(61)
    assert await telecom.report("failed", SON) == 204
    assert (await trail(telecom, incident))[-1] == "    61 s  unreachable"
    async with telecom.centre.transaction() as connection:
        assert (await auditor.look(connection, telecom.centre.now)).violations == ()


async def test_a_receipt_twice_late_forged_or_out_of_order(telecom: Telecom) -> None:
    incident = await alarm(telecom)
    await telecom.centre.until(2)
    assert await telecom.report("failed", error="unknown_number", secret=OTHER_SECRET) == 401
    assert await telecom.report("failed", signed_at=NOON - timedelta(minutes=6)) == 401
    assert await telecom.states(incident) == ["SMS sent"]
    assert await telecom.report("delivered") == 204
    for status in ("delivered", "failed", "expired"):
        assert await telecom.report(status) == 204
    assert await telecom.states(incident) == ["SMS delivered"]
    async with telecom.centre.transaction() as connection:
        user = telecom.centre.world.responder
        await service.claim(connection, incident, user, telecom.centre.now)
        await service.close(connection, incident, user, telecom.centre.now, ClosureCode.FAMILY_ATTENDED)
    await telecom.centre.until(3600)
    timeline = telecom.timeline()
    assert timeline == ["     0 s  lan, ming, SMS daughter", "     2 s  SMS daughter"], "she hears how it ended"
    told = await telecom.states(incident)
    before = await trail(telecom, incident)
    assert await telecom.report("failed") == 204
    await telecom.centre.until(4000)
    # The news of the end goes over her next channel; the incident stays as it is.
    assert await telecom.states(incident) == [told[0], "SMS failed", "log sent"]
    assert await trail(telecom, incident) == before


async def test_who_has_answered_needs_no_other_channel(telecom: Telecom) -> None:
    incident = await alarm(telecom)
    await telecom.centre.until(10)
    await telecom.client.post(telecom.link(), data={"answer": "on_my_way"})
    await telecom.centre.until(59)
    assert telecom.timeline() == ["     0 s  lan, ming, SMS daughter"], "she answered, whatever the provider knows"
    assert await telecom.states(incident) == ["SMS confirmed"]


async def test_what_was_merged_goes_on_at_the_same_link(telecom: Telecom) -> None:
    from core.findings import Queue, Severity

    centre = telecom.centre
    [care] = await centre.raise_(finding(centre.world, Kind.INACTIVITY, queue=Queue.CARE, severity=Severity.MEDIUM))
    await centre.until(1)
    link = telecom.link()
    [sos] = await centre.raise_(finding(centre.world, at=centre.now))
    async with centre.transaction() as connection:
        await service.merge(connection, care.incident_id, centre.world.responder, centre.now, sos.incident_id)
    page = (await telecom.client.get(link)).text
    assert "紧急呼救" in page
    assert 'value="on_my_way"' in page
    await telecom.client.post(link, data={"answer": "on_my_way"})
    assert "     1 s  confirm" in await trail(telecom, sos.incident_id)
    assert "已于 12:00 确认" in (await telecom.client.get(link)).text
