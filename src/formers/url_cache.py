"""Files from any web address, kept in the cache by address and ETag; and unpacking of archives."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlparse

from formers.files import replacing, write_text
from formers.hub import HubOfflineError, HubUnreachableError, cache_folder, endpoint, proxied, why_offline

# What `cached_path` understands of the keywords that say where to get a file.
URL_KEYWORDS = ("cache_dir", "force_download", "proxies", "local_files_only")

_TIMEOUT_SECONDS = 10.0
_CHUNK_BYTES = 1 << 20


def is_remote_url(url_or_filename: str | os.PathLike[str]) -> bool:
    """Tell whether this is an http or https address."""
    return urlparse(os.fspath(url_or_filename)).scheme in ("http", "https")


def hf_bucket_url(model_id: str, filename: str, use_cdn: bool = True) -> str:
    """Return the address of a file of a model on the hub.

    Args:
        model_id: Name of the model.
        filename: Name of the file.
        use_cdn: Accepted for old code; the hub itself decides.
    """
    del use_cdn
    return f"{endpoint()}/{model_id}/resolve/main/{filename}"


def url_to_filename(url: str, etag: str | None = None) -> str:
    """Return the name in the cache: hash of the address, and of the ETag if there is one.

    The ending `.h5` is kept, because Keras tells the format by it.
    """
    name = hashlib.sha256(url.encode()).hexdigest()
    if etag:
        name += "." + hashlib.sha256(etag.encode()).hexdigest()
    return name + ".h5" if url.endswith(".h5") else name


def filename_to_url(filename: str, cache_dir: str | os.PathLike[str] | None = None) -> tuple[str, str | None]:
    """Return address and ETag of a file in the cache.

    Raises:
        OSError: If the file, or the `.json` beside it that says where it came from, is missing.
    """
    path = Path(cache_folder(cache_dir), filename)
    note = path.with_name(path.name + ".json")
    for needed in (path, note):
        if not needed.exists():
            raise FileNotFoundError(f"there is no file {needed} in the cache")
    content = json.loads(note.read_text(encoding="utf-8"))
    return content["url"], content["etag"]


def cached_path(
    url_or_filename: str | os.PathLike[str],
    cache_dir: str | os.PathLike[str] | None = None,
    force_download: bool = False,
    proxies: Mapping[str, str] | None = None,
    resume_download: bool = False,
    user_agent: Mapping[str, str] | str | None = None,
    extract_compressed_file: bool = False,
    force_extract: bool = False,
    local_files_only: bool = False,
) -> str:
    """Get a local path for a web address or a local file.

    Args:
        url_or_filename: An http(s) address, downloaded if the cache has not its current version; or a local path.
        cache_dir: Folder of the cache (default: as for models).
        force_download: Download even if the cache has it.
        proxies: Address by scheme, such as `{"https": "proxy.example:3128"}`.
        resume_download: Accepted for old code; interrupted downloads start again.
        user_agent: Added to the `User-Agent` header.
        extract_compressed_file: Unpack a zip or tar archive and return the folder.
        force_extract: Unpack again even if that was done before.
        local_files_only: Use only what the cache has.

    Returns:
        Path of the file, or of the folder with `extract_compressed_file`.

    Raises:
        FileNotFoundError: If a local path does not exist.
        ValueError: If it is an address of another scheme.
        OSError: If the address cannot be fetched (`HubUnreachableError`, `HubOfflineError`), or an archive is
            damaged or would write outside of its folder.
    """
    del resume_download
    name = os.fspath(url_or_filename)
    if is_remote_url(name):
        with proxied(proxies):
            path = _fetch(
                name, Path(cache_folder(cache_dir)), force_download, user_agent, why_offline(local_files_only)
            )
    elif os.path.exists(name):
        path = Path(name)
    elif urlparse(name).scheme in ("", "file") or len(urlparse(name).scheme) == 1:  # one letter: a Windows drive
        raise FileNotFoundError(f"there is no file {name!r} (the current folder is {os.getcwd()!r})")
    else:
        raise ValueError(f"{name!r} is neither a local path nor an http(s) address")
    return str(_extracted(path, force_extract) if extract_compressed_file and path.is_file() else path)


def get_from_cache(
    url: str,
    cache_dir: str | os.PathLike[str] | None = None,
    force_download: bool = False,
    proxies: Mapping[str, str] | None = None,
    etag_timeout: float = _TIMEOUT_SECONDS,
    resume_download: bool = False,
    user_agent: Mapping[str, str] | str | None = None,
    local_files_only: bool = False,
) -> str | None:
    """Get a local path for a web address.

    Args:
        url: The address.
        cache_dir: See `cached_path`.
        force_download: See `cached_path`.
        proxies: See `cached_path`.
        etag_timeout: Seconds after which a server that does not answer counts as out of reach.
        resume_download: See `cached_path`.
        user_agent: See `cached_path`.
        local_files_only: See `cached_path`.

    Returns:
        Path of the file; None if the address cannot be fetched and is not in the cache.

    Raises:
        ValueError: If it is not in the cache, and `local_files_only` is set.
    """
    del resume_download
    with proxied(proxies):
        try:
            offline = why_offline(local_files_only)
            found = _fetch(url, Path(cache_folder(cache_dir)), force_download, user_agent, offline, etag_timeout)
        except HubOfflineError as error:
            if local_files_only:
                raise ValueError(str(error)) from error
            return None
        except (HubUnreachableError, _RefusedError):
            return None
    return str(found)


def http_get(
    url: str,
    temp_file: IO[bytes],
    proxies: Mapping[str, str] | None = None,
    resume_size: int = 0,
    user_agent: Mapping[str, str] | str | None = None,
) -> None:
    """Write what a web address holds to a file that is open.

    Args:
        url: The address.
        temp_file: A file that is open for writing bytes; what comes is written where it stands.
        proxies: See `cached_path`.
        resume_size: How many bytes are there already; the rest is asked for. Nothing is written if there is no rest.
        user_agent: See `cached_path`.

    Raises:
        OSError: If the address cannot be reached or refuses, or breaks off.
    """
    from huggingface_hub import get_session
    from huggingface_hub.errors import HTTPError

    headers = _headers(user_agent)
    if resume_size > 0:
        headers["Range"] = f"bytes={resume_size}-"
    try:
        with (
            proxied(proxies),
            get_session().stream(
                "GET", url, headers=headers, timeout=_TIMEOUT_SECONDS, follow_redirects=True
            ) as answer,
        ):
            if answer.status_code == 416:  # the range is empty
                return
            if resume_size > 0 and answer.status_code == 200:
                raise _RefusedError(f"{url} cannot be resumed: the server sends it from the start, so begin again")
            _receive(url, answer, temp_file)
    except HTTPError as error:
        raise HubUnreachableError(f"{url} cannot be reached ({error})") from error


class _RefusedError(OSError):
    """The server does not give the file."""


def _headers(user_agent: Mapping[str, str] | str | None) -> dict[str, str]:
    return {"User-Agent": _user_agent(user_agent), "Accept-Encoding": "identity"}


def _receive(url: str, answer: Any, file: IO[bytes]) -> None:
    """Write the body of an answer to a file.

    Raises:
        OSError: If the server refuses, or the body breaks off.
    """
    from tqdm.auto import tqdm

    if not answer.is_success:
        raise _RefusedError(f"{url} cannot be downloaded: the server answers HTTP {answer.status_code}")
    expected = None if "Content-Encoding" in answer.headers else int(answer.headers.get("Content-Length", 0))
    received = 0
    with tqdm(total=expected or None, unit="B", unit_scale=True, desc="Downloading", disable=None) as bar:
        for chunk in answer.iter_bytes(_CHUNK_BYTES):
            file.write(chunk)
            bar.update(len(chunk))
            received += len(chunk)
    if expected and received != expected:
        raise OSError(f"{url} broke off after {received} of {expected} bytes: try again")


def _fetch(
    url: str,
    cache: Path,
    force: bool,
    user_agent: Mapping[str, str] | str | None,
    offline: str,
    timeout: float = _TIMEOUT_SECONDS,
) -> Path:
    """Return the current version of an address, from the cache or the network."""
    cached = _newest(url, cache)
    if offline:
        if cached is None:
            raise HubOfflineError(f"{url} is not in the cache ({cache}), and {offline}")
        return cached
    from huggingface_hub import get_session
    from huggingface_hub.errors import HTTPError, OfflineModeIsEnabled

    cache.mkdir(parents=True, exist_ok=True)
    headers = _headers(user_agent)
    session = get_session()
    try:
        head = session.head(url, headers=headers, timeout=timeout, follow_redirects=True)
        # Some servers refuse HEAD; then the file is fetched, and kept without an ETag.
        etag = head.headers.get("ETag") if head.is_success else None
        path = cache / url_to_filename(url, etag)
        if not force and head.is_success and path.exists():
            return path
        if not force and cached is not None and not head.is_success:
            return cached
        with (
            session.stream("GET", url, headers=headers, timeout=_TIMEOUT_SECONDS, follow_redirects=True) as answer,
            replacing(path) as part,
            open(part, "wb") as file,
        ):
            _receive(url, answer, file)
    except (HTTPError, OfflineModeIsEnabled) as error:
        if cached is None or force:
            raise HubUnreachableError(
                f"{url} cannot be reached ({error}), and is not in the cache ({cache})"
            ) from error
        return cached
    write_text(path.with_name(path.name + ".json"), json.dumps({"url": url, "etag": etag}))
    return path


def _newest(url: str, cache: Path) -> Path | None:
    """Return the latest version of an address that the cache has."""
    versions = [path for path in cache.glob(url_to_filename(url).removesuffix(".h5") + "*") if path.suffix != ".json"]
    return max(versions, key=lambda path: path.stat().st_mtime, default=None)


def _user_agent(extra: Mapping[str, str] | str | None) -> str:
    from formers import __version__

    if isinstance(extra, Mapping):
        extra = "; ".join(f"{key}/{value}" for key, value in extra.items())
    return f"formers/{__version__}" + (f"; {extra}" if extra else "")


def _extracted(archive: Path, force: bool) -> Path:
    """Unpack an archive beside it, and only there; any other file is returned as it is.

    Raises:
        OSError: If it is damaged, or has members outside of its folder, links out of it or devices.
    """
    target = archive.with_name(archive.name.replace(".", "-") + "-extracted")
    if target.is_dir() and any(target.iterdir()) and not force:
        return target
    folder = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=archive.parent))
    try:
        if zipfile.is_zipfile(archive):
            _unzip(archive, folder)
        elif tarfile.is_tarfile(archive):
            with tarfile.open(archive) as tar:
                tar.extractall(folder, filter="data")
        else:
            return archive
        shutil.rmtree(target, ignore_errors=True)
        folder.rename(target)
    except (tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise OSError(f"the archive {archive} cannot be unpacked safely: {error}") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return target


def _unzip(archive: Path, folder: Path) -> None:
    with zipfile.ZipFile(archive) as zipped:
        for member in zipped.namelist():
            if not (folder / member).resolve().is_relative_to(folder.resolve()):
                raise zipfile.BadZipFile(f"its member {member!r} lies outside of the archive")
        zipped.extractall(folder)
