"""`formers run` behaves as plain python does: arguments, `__main__`, paths, tracebacks, exit status, children."""

import os
import signal
import subprocess
import sys
import zipfile

import pytest

FORMERS_RUN = [sys.executable, "-m", "formers", "run"]


def run(*arguments, cwd=None, launcher=FORMERS_RUN, **options):
    return subprocess.run([*launcher, *map(str, arguments)], capture_output=True, text=True, cwd=cwd, **options)


def output(*arguments, **options):
    done = run(*arguments, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def both(*arguments, cwd):
    """The same program under `formers run` and under plain python."""
    return run(*arguments, cwd=cwd), run(*arguments, cwd=cwd, launcher=[sys.executable])


SHOW = """\
import sys
print(__name__, __file__, sys.argv, sys.path[0], __package__, __spec__ and __spec__.name)
print(sys.modules["__main__"].__dict__ is globals())
"""


@pytest.fixture
def work(tmp_path):
    """A folder with a script in a folder below, a module, a package and an archive."""
    (tmp_path / "sub").mkdir()
    for name in ("sub/script.py", "plainmodule.py"):
        (tmp_path / name).write_text(SHOW)
    package = tmp_path / "pack"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "__main__.py").write_text(SHOW)
    (package / "inner.py").write_text(SHOW)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "__main__.py").write_text(SHOW)
    with zipfile.ZipFile(tmp_path / "archive.zip", "w") as archive:
        archive.writestr("__main__.py", SHOW)
    return tmp_path


@pytest.mark.parametrize(
    "program",
    [
        ["sub/script.py", "-m", "--flag", "x y"],
        ["-m", "plainmodule", "a", "-c"],
        ["-m", "pack", "--", "b"],
        ["-m", "pack.inner"],
        ["folder", "1"],
        ["archive.zip", "1"],
        ["-c", "import sys; print(__name__, sys.argv, sys.path[0])", "1", "-x"],
    ],
    ids=lambda program: " ".join(program[:2])[:20],
)
def test_surroundings_are_those_of_plain_python(work, program):
    ours, theirs = both(*program, cwd=work)
    assert ours.returncode == theirs.returncode == 0, ours.stderr
    assert ours.stdout == theirs.stdout


def test_as_an_installed_command(work):
    (work / "bin").mkdir()
    # what pip writes for an entry point
    (work / "bin/formers").write_text("import sys\nfrom formers.cli import main\nsys.exit(main())\n")
    launcher = [sys.executable, str(work / "bin/formers"), "run"]
    for program in (["sub/script.py", "-m"], ["-m", "plainmodule"]):
        found = run(*program, cwd=work, launcher=launcher)
        assert (found.stdout, found.stderr) == (run(*program, cwd=work, launcher=[sys.executable]).stdout, "")


def test_transformers_means_formers(work):
    (work / "old.py").write_text(
        "import transformers\nfrom transformers.configuration_bert import BertConfig\n"
        "print(transformers.__version__, BertConfig.__module__.split('.')[0])\n"
    )
    for program in (["old.py"], ["-m", "old"], ["-c", (work / "old.py").read_text()]):
        assert output(*program, cwd=work) == "3.0.2 formers\n"


@pytest.mark.parametrize(
    "source",
    [
        "def f():\n    return 1 / 0\n\nf()\n",
        "x = (1,\n",
        "raise SystemExit(3)\n",
        "raise SystemExit('told you')\n",
        "import sys\nsys.exit()\n",
        "try:\n    {}['a']\nexcept KeyError:\n    raise ValueError('b')\n",
        "import no_such_module_at_all\n",
    ],
)
@pytest.mark.parametrize("how", ["script", "module"])
def test_errors_look_as_in_plain_python(tmp_path, source, how):
    (tmp_path / "prog.py").write_text(source)
    ours, theirs = both(*(["prog.py"] if how == "script" else ["-m", "prog"]), cwd=tmp_path)
    assert ours.returncode == theirs.returncode
    # `python -m` shows two frames of runpy, which is not a loss.
    assert ours.stderr.splitlines() == [line for line in theirs.stderr.splitlines() if "<frozen runpy>" not in line]


def test_keyboard_interrupt_kills_by_the_signal(tmp_path):
    # The handler is set again: a suite that runs in the background has inherited one that ignores the signal.
    source = "import os, signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
    (tmp_path / "prog.py").write_text(source + "os.kill(os.getpid(), signal.SIGINT)\n")
    ours, theirs = both("prog.py", cwd=tmp_path)
    assert ours.returncode == theirs.returncode == -signal.SIGINT
    assert ours.stderr == theirs.stderr


def test_own_excepthook_is_respected(tmp_path):
    (tmp_path / "prog.py").write_text("import sys\nsys.excepthook = lambda *a: print('mine', a[0].__name__)\n1 / 0\n")
    done = run("prog.py", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (1, "mine ZeroDivisionError\n", "")


def test_names_live_until_the_process_ends(tmp_path):
    (tmp_path / "prog.py").write_text("import atexit\nword = 'late'\natexit.register(lambda: print(word))\n")
    assert output("prog.py", cwd=tmp_path) == "late\n"


def test_pickle_finds_names_of_main(tmp_path):
    (tmp_path / "prog.py").write_text(
        "import pickle\nclass Thing: pass\nprint(type(pickle.loads(pickle.dumps(Thing()))) is Thing)\n"
    )
    assert output("prog.py", cwd=tmp_path) == "True\n"


@pytest.mark.parametrize("method", ["spawn", "fork", "forkserver"])
@pytest.mark.parametrize("how", ["script", "module"])
def test_children_have_the_alias(tmp_path, method, how):
    (tmp_path / "prog.py").write_text(
        "import multiprocessing\n"
        "import transformers\n"
        "from transformers.configuration_bert import BertConfig\n"
        "def work(n):\n    return transformers.__version__, BertConfig(hidden_size=n).hidden_size\n"
        "if __name__ == '__main__':\n"
        f"    with multiprocessing.get_context({method!r}).Pool(1) as pool:\n"
        "        print(pool.map(work, [4]))\n"
    )
    assert output(*(["prog.py"] if how == "script" else ["-m", "prog"]), cwd=tmp_path) == "[('3.0.2', 4)]\n"


@pytest.mark.parametrize(
    ("program", "said"),
    [
        (["missing.py"], "can't open file '{cwd}/missing.py': No such file or directory"),
        (["-m", "missing_module"], "no module named missing_module"),
        (["-m", "pack.missing"], "no module named pack.missing"),
        (["-m", "encodings"], "encodings is a package and cannot be run: it has no module __main__"),
        (["empty"], "can't find '__main__' module in 'empty'"),
        (["-m"], "-m needs an argument"),
        (["-x", "y"], "unknown option -x"),
    ],
)
def test_no_such_program(work, program, said):
    (work / "empty").mkdir()
    done = run(*program, cwd=work)
    assert done.returncode == 2
    assert said.format(cwd=os.path.realpath(work)) in done.stderr
    assert "Traceback" not in done.stderr


def test_no_program_prints_the_usage():
    done = run()
    assert done.returncode == 2 and done.stderr.startswith("usage: formers run SCRIPT")
    assert output("--help").startswith("usage: formers run SCRIPT")
