"""A password reaches a program by a file of mode 0600 that lives as long as it is needed, and is redacted elsewhere."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

REDACTED = "********"


def redact(text: str, secrets: Sequence[str]) -> str:
    """The text with every secret replaced; an empty secret hides nothing."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, REDACTED)
    return text


@contextmanager
def lend(content: str, folder: Path | None = None) -> Iterator[Path]:
    """A file of mode 0600 with `content`, gone when the block ends.

    `folder` should lie in memory (/run) and be swept at the next start: a kill leaves the file. Raises OSError.
    """
    descriptor, name = tempfile.mkstemp(prefix="lent-", dir=folder)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogateescape") as stream:
            stream.write(content)
        yield Path(name)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(name)
