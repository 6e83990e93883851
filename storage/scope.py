"""What a user may see: the residents of an area's subtree, or the residents that a family member is a contact of."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self


@dataclass(frozen=True, slots=True)
class Scope:
    """Exactly one of: the path of the area worked in (all below it is seen), or the id of the family user.

    Every query that reads people takes it, so that nothing outside is found rather than filtered away afterwards.
    """

    path: str | None
    user: int | None

    @classmethod
    def area(cls, path: str) -> Self:
        """The subtree at an area's path."""
        return cls(path, None)

    @classmethod
    def family(cls, user: int) -> Self:
        """The residents that the user is a contact of, while the contact is valid."""
        return cls(None, user)

    def parameters(self, now: datetime) -> dict[str, object]:
        """As the queries take it. now: a contact may have come to its end."""
        return {"scope_path": self.path, "scope_user": self.user, "now": now}
