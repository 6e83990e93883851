"""When failed work is tried again. Pure: rows wait, nobody sleeps."""

from datetime import timedelta

# What comes after the last is not another attempt: the person's next channel, or giving up.
_URGENT_DELIVERY = (1, 3, 8)
_DELIVERY = (5, 30, 120, 600, 1800)
_COMMAND = (1, 2, 5, 10, 20, 30, 60, 60, 120, 120)
# The schedule that Standard Webhooks recommends.
_WEBHOOK = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)

_URGENT_PATIENCE = timedelta(seconds=15)
_PATIENCE = timedelta(hours=24)


def delay(topic: str, *, urgent: bool, attempts: int, asked: timedelta | None, jitter: float) -> timedelta | None:
    """How long until the next attempt after `attempts` failed ones; None: it is over.

    asked: what the other side asked for (Retry-After). jitter: 0 to 1, spreads the delay over ± 20 % so that what
    failed together does not come back together. Of an urgent message no provider may ask for more than 15 s: the
    person's next channel is quicker.
    """
    # That nobody would answer is told as quickly as an emergency, whatever comes before it.
    urgent = urgent or topic == "notice"
    if topic in ("delivery", "notice"):
        schedule: tuple[int, ...] = _URGENT_DELIVERY if urgent else _DELIVERY
    else:
        schedule = _COMMAND if topic == "command" else _WEBHOOK
    if attempts > len(schedule):
        return None
    if asked is not None and asked > (_URGENT_PATIENCE if topic in ("delivery", "notice") and urgent else _PATIENCE):
        return None
    wait = timedelta(seconds=schedule[attempts - 1]) * (0.8 + 0.4 * jitter)
    return wait if asked is None else max(wait, asked)
