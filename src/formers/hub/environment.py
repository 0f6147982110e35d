"""What the environment says: where the hub and the cache are, and whether the network may be used."""

from __future__ import annotations

import os

_TRUE = {"1", "ON", "YES", "TRUE"}


def endpoint() -> str:
    """Return the address of the model hub: `HF_ENDPOINT`, or `https://huggingface.co`."""
    return os.environ.get("HF_ENDPOINT", "").rstrip("/") or "https://huggingface.co"


def is_offline() -> bool:
    """Tell whether `HF_HUB_OFFLINE` or `TRANSFORMERS_OFFLINE` forbid the network."""
    return any(os.environ.get(name, "").upper() in _TRUE for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"))


def cache_folder(cache_dir: str | os.PathLike[str] | None = None) -> str:
    """Return the folder that downloads go to.

    Args:
        cache_dir: The user's own choice. Without it the first variable that is set counts, of `TRANSFORMERS_CACHE`,
            `PYTORCH_TRANSFORMERS_CACHE` and `PYTORCH_PRETRAINED_BERT_CACHE`; else it is the folder `transformers` in
            `TORCH_HOME`, `XDG_CACHE_HOME`/torch or `~/.cache/torch`.
    """
    return (
        os.path.expanduser(os.fspath(cache_dir)) if cache_dir is not None else _default_caches()["TRANSFORMERS_CACHE"]
    )


def _default_caches() -> dict[str, str]:
    """Map each variable to its folder; without it, that of the one before."""
    home = os.environ.get("TORCH_HOME") or os.path.join(os.environ.get("XDG_CACHE_HOME") or "~/.cache", "torch")
    folder = os.path.join(home, "transformers")
    caches = {}
    for variable in ("PYTORCH_PRETRAINED_BERT_CACHE", "PYTORCH_TRANSFORMERS_CACHE", "TRANSFORMERS_CACHE"):
        folder = os.environ.get(variable) or folder
        caches[variable] = os.path.expanduser(folder)
    return caches


# The caches as they were when this module was loaded; `cache_folder` reads the environment each time.
PYTORCH_PRETRAINED_BERT_CACHE, PYTORCH_TRANSFORMERS_CACHE, TRANSFORMERS_CACHE = _default_caches().values()


def cache_folders(cache_dir: str | os.PathLike[str] | None, with_standard: bool) -> list[str]:
    """Return the caches to look in, the one for downloads first."""
    from huggingface_hub.constants import HF_HUB_CACHE

    return [cache_folder(cache_dir), *([HF_HUB_CACHE] if with_standard else [])]


def why_offline(local_files_only: bool) -> str:
    """Return the reason not to use the network; empty if there is none."""
    if local_files_only:
        return "local_files_only=True forbids the network"
    return "HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE is set" if is_offline() else ""
