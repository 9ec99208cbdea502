"""What every process that is started sees of the system, and where the programs come from that it may lack."""

from __future__ import annotations

from collections.abc import Mapping

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ENVIRONMENT: Mapping[str, str] = {"PATH": PATH, "LC_ALL": "C", "TZ": "UTC", "HOME": "/nonexistent"}
"""What every process sees: nothing of the caller's HOME, configuration or language reaches it."""

PACKAGES: Mapping[str, str] = {"gzip": "gzip", "tar": "tar", "zstd": "zstd"}
"""Program -> Debian package that holds it."""
