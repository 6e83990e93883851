"""The OpenAPI description as JSON, with no server and no database: `python -m api.openapi > openapi.json`.

The console's types are made from it.
"""

import json

from pydantic import SecretStr

from api.app import create_app
from core.settings import Settings


def described() -> str:
    """The description as JSON text: the same application, never started."""
    app = create_app(Settings(token_secret=SecretStr("signs nothing: no request is served")))
    return json.dumps(app.openapi(), ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    print(described(), end="")
