"""Getting files of models: `cached_file` gets one, `find_file` the first of several."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from formers.hub.environment import cache_folders, why_offline
from formers.hub.errors import HubNotFoundError, HubOfflineError, HubUnreachableError, MissingFileError
from formers.hub.proxies import proxied
from formers.hub.request import Request

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


def split_hub_kwargs(kwargs: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Split keywords into those of `cached_file` and the rest.

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
        resume_download: Accepted for old code; interrupted downloads start again.
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
    request = Request(name, inner, revision or "main", token if token is not None else use_auth_token)
    offline = why_offline(local_files_only)
    caches = cache_folders(cache_dir, with_standard=cache_dir is None or bool(offline))
    try:
        cached = None if force_download else request.cached(caches)
        if cached is not None:
            return cached
        if offline:
            raise HubOfflineError(
                f"{request} is {'to be downloaded again' if force_download else 'not in the cache'} "
                f"({caches[0]}), but {offline}. Run once with the network, or give the path of a local folder."
            )
        with proxied(proxies):
            return request.download(caches[0], force_download)
    except MissingFileError:
        if required:
            raise
        return None
    except HubUnreachableError:
        # Part of the model is here: an optional file that was never fetched counts as absent.
        if required or force_download or not request.has_snapshot(caches):
            raise
        return None


def _check_name(name: str) -> None:
    """Refuse what can be neither a folder nor a name on the hub, before any network is asked."""
    if os.path.isfile(name):
        raise NotADirectoryError(f"{name!r} is a file: give the folder that it is in, or the name of a model")
    if name == "starter":
        raise HubNotFoundError(
            "'starter' is understood by pipeline(task, model='starter') only, because each task has another model: "
            "formers.starter.starter_path(task) gives the folder of one, which every from_pretrained takes"
        )
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
