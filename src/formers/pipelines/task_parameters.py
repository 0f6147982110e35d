"""What a configuration has for a task, kept apart for each of the pipelines that share a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary


@dataclass(frozen=True)
class Written:
    """What pipelines did to one value of a configuration.

    Attributes:
        before: What it was without them.
        latest: What the pipeline that was made last set it to.
    """

    before: Any
    latest: Any


# Model -> name of a value -> what pipelines did to it.
_written: WeakKeyDictionary[Any, dict[str, Written]] = WeakKeyDictionary()


class TaskParameters:
    """The configuration's `task_specific_params` for a task, which are written into the configuration at once.

    That is where scripts look for them. The next pipeline of the same model writes its own over them, so that a
    pipeline asks here for what holds for it. A value that somebody sets by hand later holds for all pipelines.

    Args:
        model: A model; its configuration is changed.
        task: Name of the task.
    """

    def __init__(self, model: Any, task: str) -> None:
        self._model = model
        self._values = dict((getattr(model.config, "task_specific_params", None) or {}).get(task, {}))
        if not self._values:
            return
        written = _written.setdefault(model, {})
        for name, value in self._values.items():
            before, known = getattr(model.config, name, None), written.get(name)
            by_us = known is not None and before == known.latest
            written[name] = Written(known.before if known is not None and by_us else before, value)
        model.config.update(self._values)

    def replaced(self) -> dict[str, Any]:
        """Values that other pipelines have set, and that hold for them alone -> what holds for this task."""
        found = {}
        for name, written in _written.get(self._model, {}).items():
            own = self._values.get(name, written.before)
            if getattr(self._model.config, name, None) == written.latest != own:
                found[name] = own
        return found

    def value(self, name: str) -> Any:
        """What holds for this task; None if the configuration has no such value."""
        return self.replaced().get(name, getattr(self._model.config, name, None))
