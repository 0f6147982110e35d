"""Tables for the terminal and RESULTS.md."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Report:
    """Markdown that is printed as it grows and written at the end."""

    lines: list[str] = field(default_factory=list)

    def add(self, *lines: str) -> None:
        """Add and print lines."""
        for line in lines:
            print(line, flush=True)
            self.lines.append(line)

    def heading(self, text: str) -> None:
        """Add a second-level heading."""
        self.add("", f"## {text}", "")

    def table(self, header: list[str], rows: list[list[str]]) -> None:
        """Add a table; the first column is text, the others are numbers.

        Args:
            header: names of the columns.
            rows: cells as text.
        """
        widths = [max(len(row[column]) for row in [header, *rows]) for column in range(len(header))]

        def line(cells: list[str]) -> str:
            padded = [
                cell.ljust(width) if not column else cell.rjust(width)
                for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
            ]
            return "| " + " | ".join(padded) + " |"

        rule = ["-" * width if not column else "-" * (width - 1) + ":" for column, width in enumerate(widths)]
        self.add(line(header), line(rule), *(line(row) for row in rows))

    def write(self, path: Path) -> None:
        """Write what was added, under a temporary name first."""
        partial = path.with_suffix(".partial")
        partial.write_text("\n".join(self.lines).strip() + "\n", encoding="utf-8")
        partial.rename(path)
