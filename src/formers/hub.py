"""Files of models: from a local folder, from the cache, or from the model hub.

`huggingface_hub` does the downloading and owns the layout of the cache. What is here decides where the cache is,
when the network may be asked, and what a failure means to the user:

* a file that is in the cache is used from there, and no network is touched (`force_download=True` fetches it anew);
* `HF_HUB_OFFLINE=1`, `TRANSFORMERS_OFFLINE=1` and `local_files_only=True` never touch the network;
* an unreachable hub is noticed at the first try, not after a series of them.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

_TRUE = {"1", "ON", "YES", "TRUE"}

_HUB_KEYWORDS = (
    "cache_dir",
    "force_download",
    "resume_download",
    "proxies",
    "local_files_only",
    "revision",
    "token",
    "subfolder",
)

# After a failed connection other lookups fail at once for this long: a dead network costs one timeout, not ten.
_UNREACHABLE_SECONDS = 30.0
# An interrupted download leaves a `.incomplete` file that nobody will continue; it may go after this long.
_STALE_SECONDS = 3600.0

# Hubs that have answered, and those that have not: when, and why.
_reached: set[str] = set()
_unreachable: dict[str, tuple[float, str]] = {}
_proxy_lock = threading.RLock()


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


def endpoint() -> str:
    """Address of the model hub: `HF_ENDPOINT`, or `https://huggingface.co`."""
    return os.environ.get("HF_ENDPOINT", "").rstrip("/") or "https://huggingface.co"


def is_offline() -> bool:
    """Whether `HF_HUB_OFFLINE` or `TRANSFORMERS_OFFLINE` forbid the network."""
    return any(os.environ.get(name, "").upper() in _TRUE for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"))


def cache_folder(cache_dir: str | os.PathLike[str] | None = None) -> str:
    """Folder that downloads go to.

    Args:
        cache_dir: The user's own choice. Without it the first variable that is set counts, of `TRANSFORMERS_CACHE`,
            `PYTORCH_TRANSFORMERS_CACHE` and `PYTORCH_PRETRAINED_BERT_CACHE`; else it is the folder `transformers` in
            `TORCH_HOME`, `XDG_CACHE_HOME`/torch or `~/.cache/torch`.
    """
    return (
        os.path.expanduser(os.fspath(cache_dir)) if cache_dir is not None else _default_caches()["TRANSFORMERS_CACHE"]
    )


def _default_caches() -> dict[str, str]:
    """Variable -> folder, each falling back to the one before it."""
    home = os.environ.get("TORCH_HOME") or os.path.join(os.environ.get("XDG_CACHE_HOME") or "~/.cache", "torch")
    folder = os.path.join(home, "transformers")
    caches = {}
    for variable in ("PYTORCH_PRETRAINED_BERT_CACHE", "PYTORCH_TRANSFORMERS_CACHE", "TRANSFORMERS_CACHE"):
        folder = os.environ.get(variable) or folder
        caches[variable] = os.path.expanduser(folder)
    return caches


# The caches as they were when this module was loaded; `cache_folder` reads the environment anew.
PYTORCH_PRETRAINED_BERT_CACHE, PYTORCH_TRANSFORMERS_CACHE, TRANSFORMERS_CACHE = _default_caches().values()


def split_hub_kwargs(kwargs: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Part keywords into those of `cached_file` and the rest.

    `use_auth_token`, the older name, becomes `token`.

    Returns:
        Keywords that say where to get a file, and all others.
    """
    rest = dict(kwargs)
    older = rest.pop("use_auth_token", None)
    hub = {name: rest.pop(name) for name in _HUB_KEYWORDS if name in rest}
    if older is not None and hub.get("token") is None:
        hub["token"] = older
    return hub, rest


def find_file(name_or_path: str | os.PathLike[str], candidates: Sequence[str], **hub: Any) -> str | None:
    """Get the first file that exists.

    Args:
        name_or_path: A local folder, or the name of a model on the hub.
        candidates: File names, the preferred ones first.
        **hub: As in `cached_file`.

    Returns:
        Its local path, or None if there is none of them.

    Raises:
        OSError: As `cached_file`; also where the hub cannot be asked and the cache holds none of them.
    """
    unknown: HubUnreachableError | None = None
    for filename in candidates:
        try:
            path = cached_file(name_or_path, filename, **hub)
        except (HubNotFoundError, HubUnreachableError) as error:
            if isinstance(error, HubUnreachableError):
                unknown = unknown or error
            elif not isinstance(error, MissingFileError):
                raise
            continue
        return path
    if unknown is not None:
        raise type(unknown)(f"{unknown} (looked for any of: {', '.join(candidates)})") from unknown
    return None


def cached_file(
    name_or_path: str | os.PathLike[str],
    filename: str,
    *,
    required: bool = True,
    cache_dir: str | os.PathLike[str] | None = None,
    force_download: bool = False,
    resume_download: bool | None = None,
    proxies: Mapping[str, str] | None = None,
    local_files_only: bool = False,
    revision: str | None = None,
    token: bool | str | None = None,
    use_auth_token: bool | str | None = None,
    subfolder: str | None = None,
) -> str | None:
    """Get one file of a model, downloading it if it is not here yet.

    Args:
        name_or_path: A local folder, or the name of a model on the hub (`"bert-base-uncased"`, `"owner/model"`).
        filename: Name of the file in it.
        required: Whether its absence is an error.
        cache_dir: Where downloads go; see `cache_folder`.
        force_download: Download it even if it is in the cache.
        resume_download: Accepted for old code; interrupted downloads start anew.
        proxies: Address by scheme, such as `{"https": "proxy.example:3128"}`.
        local_files_only: Use only what is here, never the network.
        revision: Branch, tag or commit on the hub (default: `main`).
        token: Access token; True or None takes the stored one, False sends none.
        use_auth_token: The older name of `token`.
        subfolder: Folder inside the model.

    Returns:
        Local path of the file; None if it is absent and not `required`.

    Raises:
        HubNotFoundError: If the model or the revision does not exist, or the file does not and is `required`.
        HubUnauthorizedError: If the hub refuses access.
        HubUnreachableError: If it is not in the cache and the hub cannot be asked (`HubOfflineError`: may not).
        OSError: If a local folder lacks a required file, or the download fails.
    """
    del resume_download
    name = os.fspath(name_or_path)
    inner = f"{subfolder.strip('/')}/{filename}" if subfolder else filename
    if os.path.isdir(name):
        path = os.path.join(name, inner)
        if os.path.isfile(path):
            return path
        if required:
            raise MissingFileError(f"the folder {name!r} has no file {inner!r}; it holds {_listing(name)}")
        return None
    _check_name(name)
    request = _Request(name, inner, revision or "main", token if token is not None else use_auth_token)
    offline = why_offline(local_files_only)
    places = _places(cache_dir, with_standard=cache_dir is None or bool(offline))
    try:
        cached = None if force_download else request.cached(places)
        if cached is not None:
            return cached
        if offline:
            raise HubOfflineError(
                f"{request} is {'to be downloaded again' if force_download else 'not in the cache'} "
                f"({places[0]}), but {offline}. Run once with the network, or give the path of a local folder."
            )
        with proxied(proxies):
            return request.download(places[0], force_download)
    except MissingFileError:
        if required:
            raise
        return None
    except HubUnreachableError:
        # Part of the model is here: an optional file that was never fetched counts as absent.
        if required or force_download or not request.has_snapshot(places):
            raise
        return None


class MissingFileError(HubNotFoundError):
    """The folder or the repository is there, the file in it is not."""


class _Request:
    """One file of one revision of a model on the hub."""

    def __init__(self, repo: str, filename: str, revision: str, token: bool | str | None) -> None:
        self.repo, self.filename, self.revision, self.token = repo, filename, revision, token

    def __str__(self) -> str:
        at = "" if self.revision == "main" else f" (revision {self.revision!r})"
        return f"{self.filename!r} of the model {self.repo!r}{at}"

    def cached(self, places: Sequence[str]) -> str | None:
        """Path in the first cache that has the file; None if none has.

        Raises:
            MissingFileError: If a cache remembers that the hub has no such file.
        """
        from huggingface_hub import try_to_load_from_cache

        for place in places:
            found = try_to_load_from_cache(self.repo, self.filename, cache_dir=place, revision=self.revision)
            if isinstance(found, str):
                return found
            if found is not None:
                raise self.absent()
        return None

    def has_snapshot(self, places: Sequence[str]) -> bool:
        """Whether any file of the model is in a cache."""
        return any(any(Path(place, self._folder, "snapshots").glob("*/*")) for place in places)

    @property
    def _folder(self) -> str:
        return "--".join(["models", *self.repo.split("/")])

    def absent(self) -> MissingFileError:
        return MissingFileError(f"the model {self.repo!r} has no file {self.filename!r} at revision {self.revision!r}")

    def download(self, place: str, force: bool) -> str:
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
        except errors.HfHubHTTPError:
            pass  # the hub is there; what it says is for the call below to understand
        except errors.HTTPError as error:
            _unreachable[url] = (time.monotonic(), str(error))
            raise self._out_of_reach(str(error)) from error
        _reached.add(url)
        try:
            _remove_stale_parts(Path(place, self._folder, "blobs"))
            return hf_hub_download(
                self.repo,
                self.filename,
                revision=self.revision,
                cache_dir=place,
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
        """What an exception of `huggingface_hub` means to the user."""
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
        if status is not None and (status >= 500 or status == 429):
            return HubUnreachableError(f"the hub at {endpoint()} answers HTTP {status} for {self}: try again later")
        if status is None and isinstance(error, errors.HTTPError):
            return self._out_of_reach(str(error))
        return HubError(f"downloading {self} failed: {error}")


def _check_name(name: str) -> None:
    """Refuse what can be neither a folder nor a name on the hub, before any network is asked."""
    if os.path.isfile(name):
        raise NotADirectoryError(f"{name!r} is a file: give the folder that it is in, or the name of a model")
    if not name or name[0] in "./~" or "\\" in name or name.count("/") > 1 or os.path.isabs(name):
        raise HubNotFoundError(f"there is no folder {name!r} (the current folder is {os.getcwd()!r})")
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id

    try:
        validate_repo_id(name)
    except HFValidationError as error:
        raise HubNotFoundError(
            f"{name!r} is neither a folder here nor a possible name of a model on the hub (`owner/name`): {error}"
        ) from error


def _listing(folder: str) -> str:
    names = sorted(os.listdir(folder))
    return ", ".join(names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "") or "nothing"


def _places(cache_dir: str | os.PathLike[str] | None, with_standard: bool) -> list[str]:
    """Caches to look in, the one for downloads first."""
    from huggingface_hub.constants import HF_HUB_CACHE

    return [cache_folder(cache_dir), *([HF_HUB_CACHE] if with_standard else [])]


def why_offline(local_files_only: bool) -> str:
    """The reason not to use the network; empty if there is none."""
    if local_files_only:
        return "local_files_only=True forbids the network"
    return "HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE is set" if is_offline() else ""


def _remove_stale_parts(blobs: Path) -> None:
    """Delete what killed downloads left behind (they never show up as files of a model)."""
    for part in blobs.glob("*.incomplete"):
        with suppress(OSError):  # another process may be faster
            if time.time() - part.stat().st_mtime > _STALE_SECONDS:
                part.unlink()


@contextmanager
def proxied(proxies: Mapping[str, str] | None) -> Iterator[None]:
    """Send what `huggingface_hub` asks for through proxies.

    It reads them from the environment when it opens its connections, so that is where they are put meanwhile.

    Args:
        proxies: Scheme (`http`, `https` or `all`) -> address.
    """
    if not proxies:
        yield
        return
    from huggingface_hub import close_session

    variables = {}
    for scheme, address in proxies.items():
        scheme = scheme.removesuffix("://")
        if scheme not in ("http", "https", "all"):
            raise ValueError(f"proxies: {scheme!r} is none of 'http', 'https', 'all'")
        variables[f"{scheme}_proxy"] = address if "://" in address else f"http://{address}"
    with _proxy_lock:
        before = {name: os.environ.get(name) for name in variables}
        os.environ.update(variables)
        close_session()
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value
            close_session()
