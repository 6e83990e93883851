"""What the console asks before anybody signs in."""

from datetime import datetime

from pydantic import Field

from api.schemas.base import Output


class ConsoleConfiguration(Output):
    """How this installation has its console set up."""

    now: datetime = Field(description="the server's clock, which a demonstration lets run fast")
    version: str
    languages: list[str] = Field(description="in which there are texts, the usual one first")
    answer_target_s: list[int] = Field(description="seconds within which an emergency should be answered, and must be")
    tiles_url: str | None = Field(description="the map's tiles, with {z}, {x} and {y}; null: a map without tiles")
    tiles_attribution: str = Field(description="whom the map owes its tiles to, as plain text")
