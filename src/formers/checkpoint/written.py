"""Which file of weights a save writes, and what else is in its folder."""
import logging
import os

from formers.checkpoint.matching import SAFE_FILES, TF_FILES, TORCH_FILES

logger = logging.getLogger(__name__)

_documented = False


def write_documented_files() -> None:
    """Let saves write the files of the documentation, which code written for it opens by name.

    From then on `save_pretrained` writes `pytorch_model.bin` and `tf_model.h5` where no format is asked for.
    """
    global _documented
    _documented = True


def default_format(documented: str) -> str:
    """Return the format of a save that does not say one: `safetensors`, or the framework's `documented` one."""
    return documented if _documented else "safetensors"


def warn_of_other_weights(folder: str | os.PathLike[str], written: str) -> None:
    """Warn if a folder that was saved to holds other files of weights: a reader may take them for the new ones.

    Args:
        folder: the folder.
        written: name of the file that was written.
    """
    files = (*SAFE_FILES, *TORCH_FILES, *TF_FILES)
    others = [name for name in files if name != written and os.path.exists(os.path.join(folder, name))]
    if not others:
        return
    order = [name for name in files if name in (written, *others)]
    first = "which from_pretrained reads first" if order[0] != written else "which other readers may take"
    logger.warning(
        "%s was written, but %s also holds %s of an earlier save, %s: remove what is older",
        written, os.fspath(folder), ", ".join(others), first,
    )  # fmt: skip
