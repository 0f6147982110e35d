"""What can go wrong when a file is wanted from the model hub."""

from __future__ import annotations


class HubError(OSError):
    """A file could not be had from the model hub."""


class HubNotFoundError(HubError, FileNotFoundError):
    """The hub has no such model, file or revision."""


class HubUnauthorizedError(HubError, PermissionError):
    """The model is gated or private, or the token is not accepted."""


class HubUnreachableError(HubError):
    """The hub cannot be reached, and the file is not in the cache."""


class HubOfflineError(HubUnreachableError):
    """The network may not be used (offline variables, `local_files_only`), and the file is not in the cache."""


class MissingFileError(HubNotFoundError):
    """The folder or the repository is there, the file in it is not."""
