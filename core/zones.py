"""A time zone by its name."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def time_zone(name: str) -> ZoneInfo:
    """The zone. Raises ValueError for whatever is none on this machine.

    zoneinfo has a KeyError for what it does not find, and an OSError for a directory of zones such as "Asia".
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError) as error:
        raise ValueError(f"there is no such time zone: {name!r}") from error
