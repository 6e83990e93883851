"""A code or name that another one has already, told as 409."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from api.problems import FieldError, ProblemError
from storage.people import Taken


@contextmanager
def told_as_conflict() -> Iterator[None]:
    """Raise ProblemError (409), naming the field, where the store says Taken."""
    try:
        yield
    except Taken as error:
        detail = f"{error.value} is taken"
        raise ProblemError(
            HTTPStatus.CONFLICT,
            "taken",
            "There is one already",
            f"{error.field}: {detail}",
            errors=[FieldError(location="body", field=error.field, pointer=f"/{error.field}", detail=detail)],
        ) from error
