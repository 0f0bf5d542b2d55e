"""A folder of downloads: each address is fetched once, and equal bytes are kept once."""

import json
from dataclasses import dataclass
from pathlib import Path

from duomo.files import hash_bytes, json_line, write_atomic
from duomo.guard.fetch import Fetched, Rules, download


@dataclass(frozen=True, slots=True)
class FetchCache:
    """Downloads kept by the hash of their bytes, and for each address what it gave last.

    Any number of threads and processes may share a folder: every file in it is written in one step. A body
    that was damaged or deleted is fetched again.

    Layout: `ab/abcdef...` are bodies, `urls/ab/abcdef....json` say what an address gave.
    """

    folder: Path
    rules: Rules

    def get(self, url: str, *, fresh: bool = False) -> bytes:
        """The bytes at an address: those that are kept, or else fetched now.

        Args:
            url: http or https.
            fresh: True: ask the server whether the kept bytes are still what it has.

        Raises:
            BlockedUrl: see `duomo.guard.fetch.fetch`; what was kept before stays kept.
        """
        kept = self._kept(url)
        if kept is None:
            fetched = download(url, self.rules)
        elif not fresh:
            return kept.body
        else:
            fetched = download(url, self.rules, etag=kept.etag, modified=kept.modified)
            if fetched.unchanged:
                return kept.body
        self._keep(url, fetched)
        return fetched.body

    def path(self, url: str) -> Path:
        """The file that keeps the bytes of an address; they are fetched first where there is none.

        Raises:
            BlockedUrl: as `get`.
        """
        return self._body_file(hash_bytes(self.get(url)))

    def _kept(self, url: str) -> Fetched | None:
        """What an address gave last, if all of it is still there and unharmed."""
        try:
            entry = json.loads(self._entry_file(url).read_bytes())
            body = self._body_file(entry["content"]).read_bytes()
        except (OSError, ValueError, LookupError, TypeError):
            return None
        if hash_bytes(body) != entry["content"]:
            return None
        return Fetched(**{**entry["fetched"], "body": body})

    def _keep(self, url: str, fetched: Fetched) -> None:
        """The body first: an entry never names a body that is not there."""
        content = hash_bytes(fetched.body)
        write_atomic(self._body_file(content), fetched.body)
        said = {"type": fetched.type, "url": fetched.url, "etag": fetched.etag, "modified": fetched.modified}
        write_atomic(self._entry_file(url), json_line({"asked": url, "content": content, "fetched": said}))

    def _body_file(self, content: str) -> Path:
        return self.folder / content[:2] / content

    def _entry_file(self, url: str) -> Path:
        name = hash_bytes(url.encode("utf-8", "surrogatepass"))
        return self.folder / "urls" / name[:2] / f"{name}.json"
