"""Blocks that the suite executes are marked `python run`; Markdown knows only `python`."""

from __future__ import annotations

from typing import Any


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Take the mark from the fences of a page."""
    return markdown.replace("```python run\n", "```python\n")
