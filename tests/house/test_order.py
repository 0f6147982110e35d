"""The order of the house: who imports whom, and where what a model is may be asked."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import formers

SOURCE = Path(formers.__file__).parent
PROJECT = Path(__file__).parents[2] / "pyproject.toml"
CONTRACTS = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
FRAMEWORKS = ("torch", "keras", "tensorflow", "jax", "onnx", "onnxruntime")


def modules(folder="."):
    return sorted(path for path in (SOURCE / folder).rglob("*.py"))


def name_of(path):
    return ".".join(("formers", *path.relative_to(SOURCE).with_suffix("").parts)).removesuffix(".__init__")


def layers_of(contract):
    names = (name for layer in contract["layers"] for name in layer.replace("|", ":").split(":"))
    return {name.strip().strip("()").strip() for name in names}


def children(package):
    folder = SOURCE.joinpath(*package.split(".")[1:])
    found = {path.stem for path in folder.glob("*.py")} | {path.parent.name for path in folder.glob("*/__init__.py")}
    return found - {"__init__", "__main__"}


# Packages with no order among their modules to speak of, or with one module.
FREE = {
    "formers.architecture",  # values alone
    "formers.auto",
    "formers.backends.keras.ops",
    "formers.backends.onnx.ops",
    "formers.backends.torch.ops",
    "formers.backends.torch.storage",
    "formers.cli",  # commands, each by itself
    "formers.compat",  # each stands in for a module of the original
    "formers.compat.converters",
    "formers.data",
    "formers.hub",
    "formers.starter",
}


@pytest.mark.parametrize(
    "contract", CONTRACTS, ids=lambda contract: contract["containers"][0] + ": " + contract["name"][:20]
)
def test_contracts_name_what_there_is(contract):
    """Layers that are no more are taken out; those in parentheses are yet to be built."""
    for container in contract["containers"]:
        required = layers_of({"layers": [layer for layer in contract["layers"] if "(" not in layer]})
        assert required <= children(container)


def test_every_package_is_in_a_contract():
    """So that a new one needs a decision. A contract lists all modules, or it would pass over one that it lacks."""
    packages = {name_of(path) for path in modules() if path.name == "__init__.py"} - {"formers"}
    ordered = {container for contract in CONTRACTS for container in contract["containers"]}
    families = {package for package in packages if package.startswith("formers.families")}
    assert packages - ordered - FREE - families == set()
    # Who may stand beside whom among the backends is all that their contract says.
    lax = {contract["containers"][0] for contract in CONTRACTS if not contract.get("exhaustive")}
    assert lax == {"formers.backends"} and children("formers.backends") == {"torch", "keras", "onnx"}


@pytest.mark.parametrize("framework", ["torch", "keras", "tensorflow"])
def test_the_network_needs_no_framework(framework):
    blocked = "".join(f"sys.modules[{name!r}] = None\n" for name in FRAMEWORKS)
    names = [name_of(path) for folder in ("network", "architecture") for path in modules(folder)]
    code = f"import sys\n{blocked}import importlib\nfor name in {names!r}:\n    importlib.import_module(name)\n"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def imports(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module or ""


def test_the_network_imports_no_framework_anywhere():
    """Not inside functions either, nor NumPy, which would look at values."""
    for path in modules("network"):
        found = {name.partition(".")[0] for name in imports(path)} & {*FRAMEWORKS, "numpy"}
        assert not found, f"{path.name} imports {sorted(found)}"


def asked(path):
    """Where a module compares something with a text, or matches it: its last name, and the line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        subjects = [node.subject] if isinstance(node, ast.Match) else []
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            if any(
                isinstance(part, ast.Constant) and isinstance(part.value, str)
                for side in sides
                for part in ast.walk(side)
            ):
                subjects = sides
        for subject in subjects:
            yield subject.attr if isinstance(subject, ast.Attribute) else getattr(subject, "id", ""), node.lineno


def test_only_families_ask_which_family_a_model_is_of():
    """Nothing else compares a model type, or the name of a family, with a text or texts."""
    outside = [path for path in modules() if not path.is_relative_to(SOURCE / "families")]
    found = [
        f"{name_of(path)}:{line}" for path in outside for name, line in asked(path) if name in ("model_type", "family")
    ]
    assert found == []


def test_that_question_would_be_found(tmp_path):
    path = tmp_path / "module.py"
    path.write_text("if config.model_type in ('bert', 'gpt2'):\n    pass\nmatch family:\n    case 't5': pass\n")
    assert {name for name, _ in asked(path)} >= {"model_type", "family"}


# What looks at the value of a tensor, or at sizes that a graph does not know.
LOOKS = ("item", "numpy", "tolist", "shape", "size", "any", "all")


def looks(path):
    """Expressions in which Python looks at a tensor: `.item()`, `bool(x)`, `x.shape[1]`, `if x.any()`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("int", "float", "bool"):
            yield node, ast.unparse(node)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LOOKS:
            if not ast.unparse(node.func.value).endswith("ops"):
                yield node, ast.unparse(node)
        elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute) and node.value.attr == "shape":
            yield node, ast.unparse(node)


# Flags, the steps of a sublayer, and the number of layers of a caller's structure: none is a tensor of a graph.
ALLOWED = {
    "bool(inputs.get('output_attentions'))",
    "bool(inputs.get('output_hidden_states'))",
    "int(first)",
    "int(last)",
    "past.shape[0]",
}


@pytest.mark.parametrize("path", modules("network"), ids=name_of)
def test_the_network_looks_at_no_values(path):
    found = [f"{path.name}:{node.lineno} {text}" for node, text in looks(path) if text not in ALLOWED]
    assert not found
