"""Text as it comes."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from queue import Queue
from typing import Any


class TextStreamer:
    """Writes the text of one sequence while it is generated.

    Args:
        tokenizer: decodes the tokens.
        skip_prompt: leave the prompt out.
        write: takes pieces of text; by default they are printed.
        **decode: arguments of the tokenizer's `decode`.
    """

    def __init__(
        self, tokenizer: Any, skip_prompt: bool = False, write: Callable[[str], None] | None = None, **decode: Any
    ) -> None:
        self.tokenizer = tokenizer
        self.skip_prompt = skip_prompt
        self.decode = decode
        self._write = write if write is not None else lambda text: print(text, end="", flush=True)
        self._tokens: list[int] = []
        self._written = 0
        self._at_prompt = True

    def put(self, tokens: Any) -> None:
        """Take the prompt, then a token at a time.

        Raises:
            ValueError: there are several sequences.
        """
        rows = tokens.tolist() if hasattr(tokens, "tolist") else tokens.numpy().tolist()
        if len(rows) != 1:
            raise ValueError(f"a streamer writes one sequence, found {len(rows)}: generate one at a time")
        prompt, self._at_prompt = self._at_prompt, False
        if prompt and self.skip_prompt:
            return
        self._tokens += rows[0] if prompt else rows
        text = self.tokenizer.decode(self._tokens, **self.decode)
        # The last word may go on, and the bytes of a character may be incomplete.
        self._write_to(text, len(text) if text.endswith("\n") else text.rfind(" ") + 1)

    def end(self) -> None:
        """Write what is left."""
        text = self.tokenizer.decode(self._tokens, **self.decode) if self._tokens else ""
        self._write_to(text, len(text))
        self._write("\n")
        self._tokens, self._written, self._at_prompt = [], 0, True

    def _write_to(self, text: str, end: int) -> None:
        if end > self._written:
            self._write(text[self._written : end])
            self._written = end


class TextIteratorStreamer(TextStreamer):
    """Gives the text of one sequence piece by piece, to a loop that runs while another thread generates.

    Args:
        tokenizer: decodes the tokens.
        skip_prompt: leave the prompt out.
        timeout: seconds to wait for a piece; None to wait for ever.
        **decode: arguments of the tokenizer's `decode`.
    """

    def __init__(self, tokenizer: Any, skip_prompt: bool = False, timeout: float | None = None, **decode: Any) -> None:
        self._pieces: Queue[str | None] = Queue()
        self._timeout = timeout
        super().__init__(tokenizer, skip_prompt, self._pieces.put, **decode)

    def end(self) -> None:
        """Give what is left, and no more."""
        super().end()
        self._pieces.put(None)

    def __iter__(self) -> Iterator[str]:
        while (piece := self._pieces.get(timeout=self._timeout)) is not None:
            yield piece
