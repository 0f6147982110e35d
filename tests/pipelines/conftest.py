"""Pipelines that are made once, and a look at what their models are asked."""

import pytest

from .generating import load


@pytest.fixture(scope="module")
def nlp():
    """Makes pipelines, each once."""
    made = {}

    def make(task, folder):
        if (task, folder) not in made:
            made[task, folder] = load(task, folder)
        return made[task, folder]

    return make


@pytest.fixture
def calls(monkeypatch):
    """What `generate` was called with: shape of the batch and arguments."""
    seen = []

    def watch(pipe):
        generate = pipe.model.generate

        def noting(**arguments):
            seen.append(arguments)
            return generate(**arguments)

        monkeypatch.setattr(pipe.model, "generate", noting)
        return seen

    return watch
