"""`transformers.hf_api`: the hub's account, as far as today's hub has what that module asked of it.

Passwords and uploads to the old storage are gone: `huggingface_hub` logs in with tokens and uploads.
"""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any, ClassVar

from formers.hub import endpoint

ENDPOINT = endpoint()


class _Facts:
    """An object whose attributes are facts that the hub tells."""

    def __repr__(self) -> str:
        facts = ", ".join(f"{name}={value!r}" for name, value in vars(self).items())
        return f"{type(self).__name__}({facts})"


class S3Obj(_Facts):
    """A file of a user.

    Args:
        filename: Its name.
        LastModified: When it changed last.
        ETag: Its version.
        Size: Its size in bytes.
        **kwargs: Further facts, which are ignored.
    """

    def __init__(self, filename: str, LastModified: str, ETag: str, Size: int, **kwargs: Any) -> None:  # noqa: N803
        self.filename, self.LastModified, self.ETag, self.Size = filename, LastModified, ETag, Size


class PresignedUrl(_Facts):
    """Where a file may be uploaded to.

    Args:
        write: Address to upload to.
        access: Address to read it from then.
        type: Its media type.
        **kwargs: Further facts, which are ignored.
    """

    def __init__(self, write: str, access: str, type: str, **kwargs: Any) -> None:
        self.write, self.access, self.type = write, access, type


class S3Object(_Facts):
    """A file of a model.

    Args:
        key: Its path.
        etag: Its version.
        lastModified: When it changed last.
        size: Its size in bytes.
        rfilename: Its name in the model.
        **kwargs: Further facts, which are ignored.
    """

    def __init__(self, key: str, etag: str, lastModified: str, size: int, rfilename: str, **kwargs: Any) -> None:  # noqa: N803
        self.key, self.etag, self.lastModified, self.size, self.rfilename = key, etag, lastModified, size, rfilename


class ModelInfo(_Facts):
    """A model on the hub.

    Args:
        modelId: Its name.
        key: Path of its configuration.
        author: Who published it.
        downloads: How often it was downloaded.
        tags: What it is found by.
        pipeline_tag: Its task.
        siblings: Facts of its files, see `S3Object`.
        **kwargs: Further facts, which are ignored.
    """

    def __init__(
        self,
        modelId: str,  # noqa: N803 (the documented name)
        key: str,
        author: str | None = None,
        downloads: int | None = None,
        tags: list[str] | None = None,
        pipeline_tag: str | None = None,
        siblings: list[dict[str, Any]] | None = None,
        **kwargs: Any,
    ) -> None:
        self.modelId, self.key, self.author, self.downloads = modelId, key, author, downloads
        self.tags, self.pipeline_tag = list(tags or ()), pipeline_tag
        self.siblings = None if siblings is None else [S3Object(**facts) for facts in siblings]


class HfApi:
    """The hub's account.

    Args:
        endpoint: Address of the hub; by default `HF_ENDPOINT` or the public one.
    """

    # What the hub has no longer -> what to use instead.
    _GONE: ClassVar[dict[str, str]] = {
        "login": "log in with a token: `hf auth login`, or huggingface_hub.login(token=...)",
        "logout": "use `hf auth logout`, or huggingface_hub.logout()",
        "presign": "use huggingface_hub.upload_file",
        "presign_and_upload": "use huggingface_hub.upload_file",
        "list_objs": "use huggingface_hub.list_repo_files",
        "delete_obj": "use huggingface_hub.delete_file",
        "model_list": "use huggingface_hub.list_models, which asks for a page after the other",
    }

    def __init__(self, endpoint: str | None = None) -> None:
        self.endpoint = endpoint if endpoint is not None else ENDPOINT

    def whoami(self, token: str) -> tuple[str, list[str]]:
        """Tell whose token it is.

        Args:
            token: The token.

        Returns:
            Name of the user, and names of the user's organizations.

        Raises:
            OSError: If the hub refuses the token or cannot be reached.
        """
        from huggingface_hub import HfApi as CurrentApi
        from huggingface_hub.errors import HTTPError

        try:
            answer = CurrentApi(endpoint=self.endpoint).whoami(token)
        except HTTPError as error:
            raise OSError(f"the hub at {self.endpoint} does not tell whose token it is: {error}") from error
        return answer["name"], [organization["name"] for organization in answer.get("orgs", ())]

    def __getattr__(self, name: str) -> Any:
        if name in self._GONE:
            raise AttributeError(f"the hub has no {name!r} of this kind any more: {self._GONE[name]}")
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")


class HfFolder:
    """The token that this machine keeps for the hub."""

    @classmethod
    def _path(cls) -> Path:
        from huggingface_hub import constants

        return Path(constants.HF_TOKEN_PATH)

    @classmethod
    def save_token(cls, token: str) -> None:
        """Keep a token, readable for this user alone."""
        path = cls._path()
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(token)

    @classmethod
    def get_token(cls) -> str | None:
        """Return the token that is kept; None if there is none."""
        try:
            return cls._path().read_text(encoding="utf-8").strip() or None
        except FileNotFoundError:
            return None

    @classmethod
    def delete_token(cls) -> None:
        """Forget the token; nothing happens if there is none."""
        cls._path().unlink(missing_ok=True)


class TqdmProgressFileReader:
    """Shows a progress bar while a file is read, by an upload for instance.

    Args:
        f: The file, open for reading bytes.
    """

    def __init__(self, f: io.BufferedReader) -> None:
        from tqdm.auto import tqdm

        self.f = f
        self.total_size = os.fstat(f.fileno()).st_size
        self.pbar = tqdm(total=self.total_size, leave=False)
        self._read = f.read
        f.read = self._reading  # type: ignore[method-assign]

    def _reading(self, n: int | None = -1) -> bytes:
        read = self._read(n)
        self.pbar.update(len(read))
        return read

    def close(self) -> None:
        """Close the bar; the file stays open."""
        self.pbar.close()
