"""One file of one revision of a model on the hub: found in a cache, or downloaded into one."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from formers.hub.environment import endpoint
from formers.hub.errors import (
    HubError,
    HubNotFoundError,
    HubOfflineError,
    HubUnauthorizedError,
    HubUnreachableError,
    MissingFileError,
)
from formers.hub.names import other_name

# After a failed connection other lookups fail at once for this long: a dead network costs one timeout, not ten.
_UNREACHABLE_SECONDS = 30.0
# An interrupted download leaves a `.incomplete` file that nobody will continue; it may go after this long.
_STALE_SECONDS = 3600.0

# Hubs that have answered, and those that have not: when, and why.
_reached: set[str] = set()
_unreachable: dict[str, tuple[float, str]] = {}


class Request:
    """One file of one revision of a model on the hub."""

    def __init__(self, repo: str, filename: str, revision: str, token: bool | str | None) -> None:
        self.repo, self.filename, self.revision, self.token = repo, filename, revision, token

    def __str__(self) -> str:
        at = "" if self.revision == "main" else f" (revision {self.revision!r})"
        return f"{self.filename!r} of the model {self.repo!r}{at}"

    def cached(self, caches: Sequence[str]) -> str | None:
        """Return the path in the first cache that has the file; None if none has.

        Raises:
            MissingFileError: If a cache remembers that the hub has no such file.
        """
        from huggingface_hub import try_to_load_from_cache

        for repo in self._names:
            for cache in caches:
                found = try_to_load_from_cache(repo, self.filename, cache_dir=cache, revision=self.revision)
                if isinstance(found, str):
                    return found
                if found is not None:
                    raise self.absent()
        return None

    def has_snapshot(self, caches: Sequence[str]) -> bool:
        """Tell whether any file of the model is in a cache."""
        folders = (Path(cache, _folder(repo), "snapshots") for repo in self._names for cache in caches)
        return any(any(folder.glob("*/*")) for folder in folders)

    @property
    def _names(self) -> tuple[str, ...]:
        """Names that a cache may have the model under, its own first."""
        other = other_name(self.repo)
        return (self.repo,) if other is None else (self.repo, other)

    def absent(self) -> MissingFileError:
        """Return the error that says that the model is there without this file."""
        return MissingFileError(f"the model {self.repo!r} has no file {self.filename!r} at revision {self.revision!r}")

    def download(self, cache: str, force: bool) -> str:
        """Fetch the file into a cache.

        Raises:
            HubError: In its kinds, each with a message that says what to do.
        """
        from huggingface_hub import errors, get_hf_file_metadata, hf_hub_download, hf_hub_url

        url = endpoint()
        when, why = _unreachable.get(url, (0.0, ""))
        if why and time.monotonic() - when < _UNREACHABLE_SECONDS:
            raise self._out_of_reach(why)
        try:
            if url not in _reached:
                # hf_hub_download tries a dead network for half a minute; one plain request tells at once.
                address = hf_hub_url(self.repo, self.filename, revision=self.revision, endpoint=url)
                get_hf_file_metadata(address, token=self.token, endpoint=url)
        except errors.HfHubHTTPError as error:
            if _is_overloaded(error):  # the call below would try for half a minute
                raise self._explained(error) from error
            # The hub is there; what it says is for the call below to understand.
        except errors.HTTPError as error:
            _unreachable[url] = (time.monotonic(), str(error))
            raise self._out_of_reach(str(error)) from error
        _reached.add(url)
        try:
            _remove_stale_parts(Path(cache, _folder(self.repo), "blobs"))
            return hf_hub_download(
                self.repo,
                self.filename,
                revision=self.revision,
                cache_dir=cache,
                token=self.token,
                endpoint=url,
                force_download=force,
                library_name="formers",
            )
        except (errors.HTTPError, OSError, ValueError) as error:
            raise self._explained(error) from error

    def _out_of_reach(self, why: str) -> HubUnreachableError:
        return HubUnreachableError(
            f"{self} is not in the cache, and the hub at {endpoint()} cannot be reached: {why}. Check the network "
            "connection (`proxies=` or HTTPS_PROXY behind a proxy), or give the path of a local folder."
        )

    def _explained(self, error: Exception) -> HubError:
        """Translate an exception of `huggingface_hub` for the user."""
        from huggingface_hub import errors

        while isinstance(error, ValueError | errors.LocalEntryNotFoundError) and isinstance(error.__cause__, Exception):
            error = error.__cause__  # "force download failed", "cannot find it locally": the reason is what counts
        status = getattr(getattr(error, "response", None), "status_code", None)
        page = f"{endpoint()}/{self.repo}"
        if isinstance(error, errors.GatedRepoError):
            return HubUnauthorizedError(
                f"the model {self.repo!r} is gated: ask for access at {page}, then log in with `hf auth login` "
                "or pass `token=`"
            )
        if isinstance(error, errors.RepositoryNotFoundError):
            return HubNotFoundError(
                f"{self.repo!r} is neither a folder here nor a model on the hub at {endpoint()}. Check the spelling; "
                "if the model is private, log in with `hf auth login` or pass `token=`"
            )
        if isinstance(error, errors.RevisionNotFoundError):
            return HubNotFoundError(f"the model {self.repo!r} has no revision {self.revision!r}: see {page}/tree/main")
        if isinstance(error, errors.EntryNotFoundError) and not isinstance(error, errors.LocalEntryNotFoundError):
            return self.absent()
        if status in (401, 403):
            return HubUnauthorizedError(
                f"the hub refuses access to {self} (HTTP {status}): check that the token is valid and may read it "
                "(`hf auth login`, HF_TOKEN or `token=`)"
            )
        if isinstance(error, errors.OfflineModeIsEnabled):
            return HubOfflineError(f"{self} is not in the cache, and huggingface_hub is in offline mode")
        if isinstance(error, errors.FileMetadataError):
            return self._out_of_reach("what answers is not a hub, perhaps the login page of this network")
        if status == 407:
            return self._out_of_reach("the proxy of this network asks for a login")
        if _is_overloaded(error):
            return HubUnreachableError(f"the hub at {endpoint()} answers HTTP {status} for {self}: try again later")
        if status is None and isinstance(error, errors.HTTPError):
            return self._out_of_reach(str(error))
        return HubError(f"downloading {self} failed: {error}")


def _folder(repo: str) -> str:
    """Return the name of a model's folder in a cache."""
    return "--".join(["models", *repo.split("/")])


def _is_overloaded(error: Exception) -> bool:
    """Tell whether the hub itself is in trouble, or has had too many requests."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    return status is not None and (status >= 500 or status == 429)


def _remove_stale_parts(blobs: Path) -> None:
    """Delete what killed downloads left behind (they never show up as files of a model)."""
    for part in blobs.glob("*.incomplete"):
        with suppress(OSError):  # another process may be faster
            if time.time() - part.stat().st_mtime > _STALE_SECONDS:
                part.unlink()
