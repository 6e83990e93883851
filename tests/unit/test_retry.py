from datetime import timedelta

from alerts.retry import delay


def schedule(topic: str, *, urgent: bool = False) -> list[float]:
    found = []
    attempts = 1
    while (wait := delay(topic, urgent=urgent, attempts=attempts, asked=None, jitter=0.5)) is not None:
        found.append(wait.total_seconds())
        attempts += 1
    return found


def test_an_urgent_message_goes_to_the_next_channel_within_seconds() -> None:
    assert schedule("delivery", urgent=True) == [1, 3, 8]


def test_an_integrator_has_days_to_come_back() -> None:
    waits = schedule("webhook")
    assert waits == sorted(waits)
    assert sum(waits) > 3 * 86_400 - 10_000


def test_jitter_spreads_by_a_fifth() -> None:
    low = delay("delivery", urgent=False, attempts=1, asked=None, jitter=0.0)
    high = delay("delivery", urgent=False, attempts=1, asked=None, jitter=1.0)
    assert (low, high) == (timedelta(seconds=4), timedelta(seconds=6))


def test_what_the_other_side_asks_for_is_respected_but_an_emergency_does_not_wait_for_it() -> None:
    asked = timedelta(minutes=1)
    assert delay("delivery", urgent=False, attempts=1, asked=asked, jitter=0.5) == asked
    assert delay("delivery", urgent=True, attempts=1, asked=asked, jitter=0.5) is None
    assert delay("webhook", urgent=True, attempts=1, asked=asked, jitter=0.5) == asked
    assert delay("delivery", urgent=False, attempts=3, asked=timedelta(seconds=1), jitter=0.5) == timedelta(minutes=2)


def test_nobody_is_asked_to_wait_for_days() -> None:
    assert delay("webhook", urgent=False, attempts=1, asked=timedelta(days=2), jitter=0.5) is None
