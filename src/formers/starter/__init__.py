"""Small checkpoints that come with the library, so that pipelines run with no network.

Each folder beside this file is one: `config.json`, `model.safetensors`, `tokenizer_config.json`, the tokenizer's
vocabulary and a `README.md` that tells where it comes from, what it can do and what it cannot.
"""
from pathlib import Path

_HERE = Path(__file__).parent


def starter_tasks() -> tuple[str, ...]:
    """The pipeline tasks that have a starter checkpoint."""
    return tuple(sorted(path.parent.name for path in _HERE.glob("*/config.json")))


def starter_path(task: str) -> str:
    """The folder of the bundled checkpoint for a task.

    Args:
        task: name of a pipeline task, such as `"sentiment-analysis"`.

    Returns:
        A path that every `from_pretrained` takes.

    Raises:
        OSError: the task has no starter checkpoint.
    """
    if task not in starter_tasks():
        raise OSError(
            f"no starter checkpoint for the task {task!r}; there are some for: {', '.join(starter_tasks())}. "
            "Name a model of the hub, or a folder, instead"
        )
    return str(_HERE / task)
