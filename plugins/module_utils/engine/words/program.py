"""The word that tells of the program itself; it needs nothing of what backs up, proves and tells."""

from __future__ import annotations

from ..version import VERSION
from .call import Call, hash_program


def version(call: Call) -> int:
    """Names itself."""
    data = {"version": VERSION, "sha256": hash_program(call.program)}
    call.tell(f"diskominfo-backup {VERSION} {data['sha256']}".rstrip(), data)
    return 0
