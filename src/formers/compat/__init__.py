"""Old code unchanged: `transformers` means formers, in one process."""

from formers.compat.alias import as_transformers
from formers.compat.execution import CannotStart, run_code, run_module, run_script

__all__ = ["CannotStart", "as_transformers", "run_code", "run_module", "run_script"]
