"""Reads the reference facts in tests/golden: inputs, outputs and gradients measured on the original library."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

GOLDEN = Path(__file__).parent / "golden"
TOLERANCE = 1e-5


def read(path: str) -> Any:
    """A JSON file of the golden data."""
    return json.loads((GOLDEN / path).read_text(encoding="utf-8"))


def model_folders() -> list[str]:
    """Names of the folders of recorded PyTorch models."""
    return [Path(row["folder"]).name for row in read("models/index.json")]


class Recorded:
    """The recorded calls of one model."""

    def __init__(self, folder: str):
        self.path = GOLDEN / "models" / folder
        self.cls = folder.partition("@")[0]
        self.inputs = np.load(self.path / "inputs.npz")
        self.outputs = np.load(self.path / "outputs.npz")
        # Recorded errors are bugs of the original.
        self.cases = [case for case in read(f"models/{folder}/cases.json") if "error" not in case]

    def arguments(
        self, case: Mapping[str, Any], convert: Callable[[np.ndarray], Any], results: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Keyword arguments of a recorded call; some are taken from the `results` of earlier calls."""

        def read(spec: Mapping[str, Any]) -> Any:
            if "npz" in spec:
                return convert(self.inputs[spec["npz"]])
            if "tuple_of_npz" in spec:
                return tuple(convert(self.inputs[key]) for key in spec["tuple_of_npz"])
            if "from" in spec:
                value = (results or {})[spec["from"]["case"]]
                for place in spec["from"]["path"]:
                    value = value[place]
                return value
            return spec["value"]

        return {name: read(spec) for name, spec in case["kwargs"].items()}

    def expected(self, case: Mapping[str, Any]) -> list[np.ndarray]:
        """The recorded outputs, flattened."""

        def walk(spec: Any) -> list[np.ndarray]:
            if spec is None:
                return []
            if isinstance(spec, str):
                return [self.outputs[f"{case['name']}/{spec}"]]
            if "value" in spec:
                return [np.asarray(spec["value"])]
            children = spec["dict"].values() if "dict" in spec else spec.get("tuple", spec.get("list"))
            return [leaf for child in children for leaf in walk(child)]

        return walk(case["outputs"])


def leaves(value: Any) -> list[np.ndarray]:
    """A model's nested outputs as a flat list of arrays."""
    if value is None:
        return []
    if isinstance(value, Mapping):
        value = tuple(value.values())
    if isinstance(value, tuple | list):
        return [leaf for child in value for leaf in leaves(child)]
    return [np.asarray(value.detach() if hasattr(value, "detach") else value)]


def assert_close(got: list[np.ndarray], expected: list[np.ndarray]) -> None:
    """Same number, shapes and, within the tolerance of float32, values."""
    assert [leaf.shape for leaf in got] == [leaf.shape for leaf in expected]
    for place, (ours, theirs) in enumerate(zip(got, expected, strict=True)):
        if theirs.dtype.kind in "iub":
            np.testing.assert_array_equal(ours, theirs)
            continue
        free = np.isnan(theirs)
        largest = 0 if free.all() else np.nanmax(np.abs(theirs))
        error = np.abs(np.where(free, 0, ours - theirs)).max() / (1 + largest)
        assert error <= TOLERANCE, f"output {place} of {len(expected)} is off by {error:.2e}"
