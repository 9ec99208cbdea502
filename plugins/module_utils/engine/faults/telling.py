"""What goes wrong when people are told."""

from __future__ import annotations

from .base import BackupError


class DeliveryFailed(BackupError, slug="delivery_failed"):
    """A report did not reach somebody; the backups and the report itself are not touched by that."""

    @classmethod
    def refused(cls, place: str, reason: str) -> DeliveryFailed:
        """`place` names the server without secrets, `reason` is its own word."""
        return cls(f"{place} did not take the message: {reason}", "see whether it is up and the settings are right")

    @classmethod
    def came_too_late(cls, name: str, limit_s: float) -> DeliveryFailed:
        """The channel `name` was not done in time, though it may have been under way."""
        reason = f"it timed out, not done within {limit_s:g} s, and may arrive all the same"
        return cls(f"{name} did not take the message: {reason}", "see whether it is up, or set a longer timeout")

    @classmethod
    def no_secret(cls, path: str, reason: str) -> DeliveryFailed:
        """The file of a password or token cannot be used."""
        return cls(f"the secret in {path} cannot be used: {reason}", "write it there, owned by this user, mode 0600")
