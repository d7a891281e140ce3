"""Which addresses may be asked when arXiv is meant: its own hosts, or the mirror that is set."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from indexes.errors import ConfigurationError, IngestError

if TYPE_CHECKING:
    import httpx

ARXIV_BASE = "https://export.arxiv.org"  # the host that arXiv sets aside for programs
ARXIV_HOSTS = frozenset({"arxiv.org", "www.arxiv.org", "export.arxiv.org", "static.arxiv.org"})


class Addresses:
    """The base address and the rule for every request and every hop of a redirect.

    Without a mirror: https at arXiv's hosts, default port. With one: its own scheme, host and port
    and nothing else. File, loopback and private addresses are thereby out, unless the user named
    one as the mirror.
    """

    def __init__(self, mirror: str | None) -> None:
        import httpx

        try:
            self._base = httpx.URL(mirror or ARXIV_BASE)
        except httpx.InvalidURL as error:
            raise _not_a_base(mirror) from error
        if self._base.scheme not in ("http", "https") or not self._base.host:
            raise _not_a_base(mirror)
        self._mirrored = bool(mirror)

    @property
    def name(self) -> str:
        """What to call the server in messages."""
        return self._base.host if self._mirrored else "arXiv"

    @property
    def loopback(self) -> bool:
        """Whether the mirror runs on this machine."""
        try:
            return ipaddress.ip_address(self._base.host).is_loopback
        except ValueError:
            return self._base.host == "localhost"

    def url(self, path: str) -> httpx.URL:
        """`path` (with its query) under the base address."""
        import httpx

        return httpx.URL(str(self._base).rstrip("/") + path)

    def hop(self, current: httpx.URL, location: str) -> httpx.URL:
        """The address a redirect points at. IngestError `refused` where the rule forbids it."""
        import httpx

        try:
            target = current.join(location)
            allowed = self._allows(target)
        except (httpx.InvalidURL, ValueError):
            allowed = False
        if not allowed:
            raise IngestError(
                "refused",
                f"{self.name} redirects to {location[:200]!r}, where Paperdesk does not follow",
                "check `arxiv.url`, or a proxy or login page in your network",
                retryable=False,
            )
        return target

    def _allows(self, url: httpx.URL) -> bool:
        if url.userinfo:
            return False
        if self._mirrored:
            base = self._base
            return (url.scheme, url.host, url.port) == (base.scheme, base.host, base.port)
        return url.scheme == "https" and url.host in ARXIV_HOSTS and url.port is None


def _not_a_base(mirror: str | None) -> ConfigurationError:
    return ConfigurationError(
        f"the setting arxiv.url is not a web address: {mirror!r}",
        "give one such as https://mirror.example.org, or leave it out to ask arXiv",
    )
