"""The wheel, installed where there is no checkout: a file that hatchling left out is missed there and nowhere else."""

import json
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
PACKAGES = ("adapters", "certs", "hub", "pages", "schemas")
COMMANDS = ("hub", "adapter", "certs")
NOT_SHIPPED = {".pyc"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Build the wheel from a copy of what the checkout's packages hold, without the network."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(CHECKOUT)]
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=100)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """Install the wheel into an environment of its own; the libraries are those of the running one."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder / "venv", with_pip=False, symlinks=True)
    python = folder / "venv" / "bin" / "python"
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-deps", "--no-index", str(wheel)]
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=100)
    libraries = sysconfig.get_path("purelib")
    site = next((folder / "venv" / "lib").glob("python*")) / "site-packages"
    (site / "libraries-of-the-test.pth").write_text(f"{libraries}\n", encoding="utf-8")
    return folder


def run_away_from_checkout(installed, *command):
    """Run `command` from the environment, in an empty folder, with nothing in the environment that leads back here."""
    environment = {"PATH": f"{installed}/venv/bin:/usr/bin:/bin", "HOME": str(installed), "LANG": "C.UTF-8"}
    program = installed / "venv" / "bin" / command[0]
    answer = subprocess.run(
        [program, *command[1:]],
        cwd=installed,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


SCRIPT = """
import contextlib, importlib, io, json, os, pathlib, pkgutil, runpy, sys

programs, answers = pathlib.Path(sys.executable).parent, {}
for name, *words in json.loads(sys.argv[1]):
    script = programs / name
    assert os.access(script, os.X_OK), script
    assert script.read_text().startswith(f"#!{sys.executable}"), script
    sys.argv, said, code = [str(script), *words], io.StringIO(), 0
    with contextlib.redirect_stdout(said):
        try:
            runpy.run_path(str(script), run_name="__main__")
        except SystemExit as end:
            code = end.code
    answers[" ".join([name, *words])] = [code, said.getvalue()]
for name in PACKAGES:
    package = importlib.import_module(name)
    assert "site-packages" in package.__file__, package.__file__
    for module in pkgutil.walk_packages(package.__path__, name + "."):
        if not module.name.endswith((".__main__", ".env")):
            importlib.import_module(module.name)
answers["imported"] = sorted(sys.modules)
print(json.dumps(answers))
"""


@pytest.fixture(scope="module")
def answers(installed):
    """What the console scripts answer, and which modules are loaded in the end: all in one interpreter.

    Its start and the loading of the libraries are most of what each of them costs.
    """
    wanted = [[name, "--help"] for name in COMMANDS] + [["hub", "contract", "check"], ["hub", "contract", "list"]]
    program = SCRIPT.replace("PACKAGES", repr(PACKAGES))
    return json.loads(run_away_from_checkout(installed, "python", "-c", program, json.dumps(wanted)))


def shipped_files():
    """All files of the packages that belong into the wheel: those that git tracks, or would."""
    listed = subprocess.run(
        ["git", "-C", str(CHECKOUT), "ls-files", "-z", "--cached", "--others", "--exclude-standard", *PACKAGES],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split("\0")
    return {name for name in listed if name and (CHECKOUT / name).is_file() and Path(name).suffix not in NOT_SHIPPED}


def test_wheel_holds_the_five_packages_and_every_file_of_theirs(wheel):
    """The wheel is exactly hub, adapters, schemas, certs and pages, typed, with all their data files."""
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert {name.split("/")[0] for name in names} == set(PACKAGES)
    assert {f"{package}/py.typed" for package in PACKAGES} <= names
    assert shipped_files() == names


def test_wheel_carries_the_license(wheel):
    """Whoever gets the wheel gets the terms."""
    assert any(name.endswith("/licenses/LICENSE") for name in zipfile.ZipFile(wheel).namelist())


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_start_without_the_checkout(answers, command):
    """Each console script is there and can tell what it does."""
    code, said = answers[f"{command} --help"]
    assert code in (0, None)
    assert said.strip()


def test_a_console_script_is_a_program(installed):
    """The smallest of them, started as a person starts it."""
    assert run_away_from_checkout(installed, "certs", "--help").strip()


def test_the_gate_works_without_the_checkout(answers):
    """The hub's people compare a proposed contract with every released version wherever they are."""
    for command in ("hub contract check", "hub contract list"):
        code, said = answers[command]
        assert code in (0, None)
        assert said.strip()


def test_every_module_can_be_imported_without_the_checkout(answers):
    """No module needs a file or a package that only the checkout has (tests, deploy)."""
    assert set(PACKAGES) <= set(answers["imported"])
    assert not {"deploy", "tests"} & set(answers["imported"])


def test_the_environment_of_the_test_has_no_second_copy():
    """The libraries' folder holds no yunhuoban of its own, or the tests above would prove nothing."""
    libraries = Path(sysconfig.get_path("purelib"))
    assert not [name for name in PACKAGES if (libraries / name).exists()]
    assert not list(libraries.glob("yunhuoban-*"))
