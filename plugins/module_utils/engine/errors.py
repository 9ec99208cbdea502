"""Every way a backup can go wrong. Errors are imported from here; `faults/` holds them, by what they are about."""

from __future__ import annotations

from .faults.base import BackupError, describe_error
from .faults.call import (
    ConfigurationError,
    PruneRefused,
    RunnerRefused,
    RunNotFound,
    TargetRefused,
    UnknownApplication,
)
from .faults.source import (
    Busy,
    DumpFailed,
    HookFailed,
    Interrupted,
    SourceDamaged,
    SourceLocked,
    SourceMissing,
    SourceUnreadable,
    TimeLimitReached,
    ToolMissing,
)
from .faults.store import (
    BackupDiffers,
    NotRecorded,
    RecordRefused,
    RestoreFailed,
    StoredDamaged,
    StoreFull,
    StoreUnavailable,
    Unreachable,
)
from .faults.telling import DeliveryFailed

__all__ = [
    "ALL",
    "BackupDiffers",
    "BackupError",
    "Busy",
    "ConfigurationError",
    "DeliveryFailed",
    "DumpFailed",
    "HookFailed",
    "Interrupted",
    "NotRecorded",
    "PruneRefused",
    "RecordRefused",
    "RestoreFailed",
    "RunNotFound",
    "RunnerRefused",
    "SourceDamaged",
    "SourceLocked",
    "SourceMissing",
    "SourceUnreadable",
    "StoreFull",
    "StoreUnavailable",
    "StoredDamaged",
    "TargetRefused",
    "TimeLimitReached",
    "ToolMissing",
    "UnknownApplication",
    "Unreachable",
    "describe_error",
]

ALL: tuple[type[BackupError], ...] = (BackupError, *BackupError.__subclasses__())
"""Every kind, also the one that nobody foresaw."""
