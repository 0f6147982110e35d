"""What a configuration says about one task (`task_specific_params`), kept by the pipeline of that task."""

from __future__ import annotations

from typing import Any


class TaskParameters:
    """The values of one task, to be handed to each call.

    The configuration itself is not changed, so that pipelines may share a model. A value of the configuration that is
    set by hand after the pipeline was made holds for the pipeline too.

    Args:
        config: Configuration of the model.
        task: Name of the task.
    """

    def __init__(self, config: Any, task: str) -> None:
        self._values = dict((getattr(config, "task_specific_params", None) or {}).get(task) or {})
        self._before = {name: getattr(config, name, None) for name in self._values}

    def values(self, config: Any) -> dict[str, Any]:
        """Return the task's values, without those that the configuration overrides by now.

        Args:
            config: Configuration of the model.
        """
        return {
            name: value for name, value in self._values.items() if getattr(config, name, None) == self._before[name]
        }

    def value(self, name: str, config: Any) -> Any:
        """Return the task's value of a name, else the configuration's; None if neither has one."""
        return self.values(config).get(name, getattr(config, name, None))
