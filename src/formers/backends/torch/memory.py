"""Memory of the process before and after the calls of modules."""
import os
import sys
from typing import Any

from torch import nn

ATTRIBUTES = ("mem_rss_diff", "mem_rss_post_forward", "mem_rss_pre_forward")


def resident_memory() -> int:
    """Return how many bytes of memory the process has.

    Raises:
        ImportError: the system tells it by the package `psutil` alone, which is not installed.
    """
    if sys.platform == "linux":
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    try:
        import psutil
    except ImportError as error:
        raise ImportError("the memory of a process is read by psutil here: run `pip install psutil`") from error
    return psutil.Process().memory_info().rss


def add_memory_hooks(model: nn.Module) -> None:
    """Let every module note the memory before and after its calls; see `ModuleUtilsMixin.add_memory_hooks`."""
    for module in model.modules():
        module.register_forward_pre_hook(_before)
        module.register_forward_hook(_after)
    reset_memory(model)


def reset_memory(model: nn.Module) -> None:
    """Set what every module noted to zero."""
    for module in model.modules():
        for name in ATTRIBUTES:
            setattr(module, name, 0)


def _before(module: Any, inputs: Any) -> None:
    module.mem_rss_pre_forward = resident_memory()


def _after(module: Any, inputs: Any, output: Any) -> None:
    module.mem_rss_post_forward = resident_memory()
    module.mem_rss_diff += module.mem_rss_post_forward - module.mem_rss_pre_forward
