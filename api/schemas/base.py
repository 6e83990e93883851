"""What all models share: input refuses fields it does not know, output is read from the store's dataclasses."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints


class Input(BaseModel):
    """A request's body. A misspelt field is an error, not a value that is silently missing."""

    model_config = ConfigDict(extra="forbid")


class Output(BaseModel):
    """An answer."""

    model_config = ConfigDict(from_attributes=True)


def _storable(text: str) -> str:
    if "\0" in text:
        raise ValueError("may not contain the NUL character, which PostgreSQL can't store")
    return text


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_storable)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500), AfterValidator(_storable)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000), AfterValidator(_storable)]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
AreaCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,32}$")]
Language = Literal["zh-CN", "en"]
