"""The vocabulary of the text-generation starter: pieces of its teacher's vocabulary, as GPT-2 writes one.

The teacher's pieces are merged pair by pair, too: of all neighbours those whose merged piece has the lowest number
come first. So GPT-2's tokenizer parts a story into the teacher's own pieces, and the two models can be compared piece
by piece.
"""
from collections.abc import Sequence
from pathlib import Path

from tokenizers.pre_tokenizers import ByteLevel

from formers.families.gpt2.tokenization import write_bpe
from formers.tokenization.engines.byte_pairs import byte_alphabet
from recipes.storyteller import BYTES, START

END = "<|endoftext|>"


def merged_of(pieces: Sequence[bytes]) -> dict[bytes, int]:
    """The pieces that come of merging, with their ids: English text without runs of white space."""
    words = ByteLevel(add_prefix_space=False)
    found = {}
    for row in range(BYTES.stop, len(pieces)):
        piece = pieces[row]
        # What GPT-2 parts before merging can be no piece.
        if piece.isascii() and not piece.startswith(b"  ") and len(words.pre_tokenize_str(piece.decode())) == 1:
            found[piece] = row
    return found


def on_the_way(piece: bytes, merged: dict[bytes, int]) -> set[bytes]:
    """The pieces that arise while the bytes of a piece are merged to it."""
    parts = [bytes([byte]) for byte in piece]
    arisen = set()
    while len(parts) > 1:
        pairs = [(merged[both], i) for i in range(len(parts) - 1) if (both := parts[i] + parts[i + 1]) in merged]
        if not pairs:
            return set()
        _, i = min(pairs)
        parts[i : i + 2] = [parts[i] + parts[i + 1]]
        arisen.add(parts[i])
    return arisen


def choose_pieces(pieces: Sequence[bytes], expected: Sequence[float], number: int) -> list[int]:
    """The pieces that stories need most, all 256 bytes, and the one before a story.

    Args:
        pieces: the teacher's vocabulary.
        expected: how often the teacher expects each piece.
        number: how many pieces to choose.

    Returns:
        Their ids: the bytes, merged pieces in the order in which they are merged, the start of a story.
    """
    merged = merged_of(pieces)
    single = [merged.get(bytes([byte]), BYTES.start + byte) for byte in range(256)]
    chosen: set[bytes] = set()
    for piece in sorted(merged, key=lambda piece: -expected[merged[piece]]):
        new = on_the_way(piece, merged) - chosen
        if len(chosen) + len(new) <= number - len(single) - 1:
            chosen |= new
    rows = [*single, *sorted(merged[piece] for piece in chosen), START]
    share = sum(expected[row] for row in rows) / sum(expected)
    print(f"vocabulary: {len(rows)} of {len(pieces)} pieces, {share:.4f} of what stories use", flush=True)
    return rows


def write_vocabulary(pieces: Sequence[bytes], rows: Sequence[int], folder: Path) -> None:
    """Write `vocab.json` and `merges.txt` of the chosen pieces."""
    letters = byte_alphabet()
    chosen = [bytes([byte]) for byte in range(256)] + [pieces[row] for row in rows[256:-1]]
    names = ["".join(letters[byte] for byte in piece) for piece in chosen]
    known = set(names)
    merges = [
        (name[:cut], name[cut:])
        for name in names[256:]
        for cut in range(1, len(name))
        if name[:cut] in known and name[cut:] in known
    ]
    write_bpe(str(folder), {name: row for row, name in enumerate([*names, END])}, merges)
