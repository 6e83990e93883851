"""The responders' console as the build left it inside this package: its files, and the policy of its page.

`make console` builds it into `api/console_dist` (from `console/`); a wheel carries it, so that an installed release
needs no Node.js. Files under `assets` carry a hash of their content in their name.
"""

import gzip
import mimetypes
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

BUILT = Path(__file__).parent / "console_dist"
"""Where the build leaves it."""

# One name, no folder: nothing outside the build's own folders can be asked for.
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
# What a browser must be told whatever this machine's own table says.
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
    ".png": "image/png",
}
_TEXT = frozenset({".html", ".js", ".css", ".svg", ".json", ".webmanifest"})


class NotBuiltError(Exception):
    """There is no built console in this installation."""


@dataclass(frozen=True, slots=True)
class File:
    """One file of the console. packed: the same by gzip, where that is smaller."""

    content: bytes
    packed: bytes | None
    media_type: str


@dataclass(frozen=True, slots=True)
class Console:
    """The built console. directory: of index.html; it may be missing."""

    directory: Path = field(default=BUILT)

    def index(self) -> File:
        """The one page, which shows all addresses of the console. Raises NotBuiltError.

        Read anew each time, so that a build takes effect while the process runs.
        """
        try:
            return _file(self.directory / "index.html")
        except FileNotFoundError as error:
            raise NotBuiltError from error

    def asset(self, name: str) -> File | None:
        """What the page asks for by a hashed name; None: there is no such thing."""
        path = self.directory / "assets" / name
        return _kept(path) if _NAME.fullmatch(name) and path.is_file() else None

    def beside(self, name: str) -> File | None:
        """What lies beside the page under a name that stays (its icon); None: there is no such thing."""
        path = self.directory / name
        return _file(path) if _NAME.fullmatch(name) and name != "index.html" and path.is_file() else None


def _file(path: Path) -> File:
    content = path.read_bytes()
    media_type = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    packed = gzip.compress(content, mtime=0) if path.suffix in _TEXT else content
    return File(content, packed if len(packed) < len(content) else None, media_type)


# A hashed name's content never changes; the console has some dozens.
_kept = cache(_file)


def policy(tiles_url: str | None) -> str:
    """The page's content security policy: nothing from elsewhere but the map's tiles."""
    images = "'self' data: blob:"
    if tiles_url is not None:
        tiles = urlsplit(tiles_url)
        images += f" {tiles.scheme}://{tiles.netloc}"
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            # The UI library writes its theme's variables into a <style> of its own.
            "style-src 'self' 'unsafe-inline'",
            f"img-src {images}",
            "font-src 'self'",
            # What was attached to an incident is shown from memory, and the sound of a new one is made there.
            "media-src 'self' data: blob:",
            "connect-src 'self'",
            "manifest-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )
