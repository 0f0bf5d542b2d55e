"""The rules of the house that a machine can check."""

import ast
import inspect
import os
import re
import shutil
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import typer
from typer.main import get_command

import duomo
from duomo.cli import (
    asking,
    checking,
    exporting,
    goods,
    labelling,
    measuring,
    operating,
    read_ads,  # noqa: F401  # adds its command where it is imported
    reading,
    serving,
    suggesting,
    tending,
    training,
    training_ads,  # noqa: F401  # likewise
)
from duomo.cli.main import EXIT
from duomo.encode.base import Part
from duomo.errors import DuomoError
from duomo.files import hash_bytes
from duomo.shelf.base import kind_of
from duomo.shelf.layout import FIXED, VectorColumn
from duomo.shelf.manifest import FORMAT
from duomo.understand.labelling import LabelTask, TaskCard, Thing
from duomo.web.app import create_app
from duomo.web.labelling import create_labelling_app

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "duomo"
MODULES = sorted(SOURCE.rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
HEAVY = {
    "torch",
    "lancedb",
    "onnxruntime",
    "fastapi",
    "pandas",
    "pyarrow",
    "PIL",
    "httpx",
    "pydantic",
    "typer",
}
VAGUE = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "part2"}


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


@cache
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def calls(path: Path, function: str) -> Iterator[ast.Call]:
    """Calls of a plain name in a module."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == function:
            yield node


def subclasses(kind: type[DuomoError]) -> Iterator[type[DuomoError]]:
    for sub in kind.__subclasses__():
        yield sub
        yield from subclasses(sub)


def python(code: str) -> str:
    """What a fresh interpreter prints."""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return run.stdout


# What stands where


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_module_fits_on_a_few_screens_and_is_named_by_its_job(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").count("\n")
    assert lines <= 350, f"{name(path)} has {lines} lines: split it by job"
    assert path.stem not in VAGUE


@pytest.mark.parametrize(
    "path", [p for p in MODULES if p.name == "__init__.py" and p.parent != SOURCE], ids=name
)
def test_a_folder_is_introduced_by_a_docstring_and_names_alone(path: Path) -> None:
    docstring, *rest = tree(path).body
    assert isinstance(docstring, ast.Expr)
    assert all(isinstance(part, ast.ImportFrom | ast.Import | ast.Assign | ast.AnnAssign) for part in rest)


def test_tests_stand_in_the_same_folders_as_what_they_test() -> None:
    # hostile: what strangers send goes through many folders, and its limits are measured in one place.
    known = {".", "hostile"} | {str(p.relative_to(SOURCE)) for p in SOURCE.rglob("*") if p.is_dir()}
    homes = {str(p.parent.relative_to(ROOT / "tests")) for p in TESTS}
    assert homes <= known


def test_every_decision_has_a_number_of_its_own_and_is_listed() -> None:
    pages = [p.name for p in (ROOT / "docs" / "decisions").glob("[0-9]*.md")]
    numbers = sorted(page[:4] for page in pages)
    assert numbers == [f"{n:04}" for n in range(1, len(pages) + 1)]
    assert all(re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", page) for page in pages)
    index = (ROOT / "docs" / "decisions" / "index.md").read_text(encoding="utf-8")
    assert not (unlisted := [page for page in pages if f"({page})" not in index]), unlisted


# How it is written


@pytest.mark.parametrize("path", [p for p in MODULES if p.relative_to(SOURCE).parts[0] != "cli"], ids=name)
def test_only_the_command_line_prints_and_only_its_edges_read_the_environment(path: Path) -> None:
    assert not [call.lineno for call in calls(path, "print")]
    named = [node.attr for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute)]
    assert not {"environ", "getenv"} & set(named) or path.relative_to(SOURCE).parts[0] == "web"


@pytest.mark.parametrize("path", [*MODULES, *TESTS], ids=name)
def test_a_marker_of_work_undone_or_of_a_rule_set_aside_says_why(path: Path) -> None:
    if path == Path(__file__).resolve():
        return
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        where = f"{name(path)} line {number}: {line.strip()}"
        if re.search(r"\b(TODO|FIXME|XXX)\b", line):
            assert re.search(r"(TODO|FIXME|XXX)\s*\(#\d+\)", line), (
                f"{where}: name the issue, as in TODO (#12)"
            )
        if hushed := re.search(
            r"#\s*(noqa|type: ignore)(?P<code>:\s*[A-Z]+\d+|\[[\w, -]+\])?(?P<why>.*)", line
        ):
            assert hushed["code"], f"{where}: name the rule"
            assert re.search(r"\w{3}", hushed["why"]), f"{where}: say why"


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_nobody_hands_on_arguments_unseen_or_promises_what_a_subclass_must_keep(path: Path) -> None:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (unseen := node.args.kwarg):
            inner = [call for call in ast.walk(node) if isinstance(call, ast.Call)]
            handed_on = {
                ast.unparse(word.value) for call in inner for word in call.keywords if word.arg is None
            }
            assert unseen.arg not in handed_on, (
                f"{name(path)} line {node.lineno}: say what **{unseen.arg} takes"
            )
        if isinstance(node, ast.Name):
            assert node.id != "NotImplementedError", f"{name(path)} line {node.lineno}: use a Protocol"


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_record_has_slots_and_a_public_one_never_changes(path: Path) -> None:
    for record in (node for node in ast.walk(tree(path)) if isinstance(node, ast.ClassDef)):
        for mark in map(ast.unparse, record.decorator_list):
            if "dataclass" in mark:
                assert "slots=True" in mark, f"{name(path)} line {record.lineno}"
                assert "frozen=True" in mark or record.name not in duomo.__all__, (
                    f"{name(path)} line {record.lineno}"
                )


@pytest.mark.parametrize("path", [p for p in TESTS if p.name.startswith("test_")], ids=name)
def test_the_name_of_a_test_is_a_sentence(path: Path) -> None:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            assert len(node.name.split("_")) > 3, f"{name(path)} line {node.lineno}: what does it show?"


def test_logging_goes_through_one_logger_a_module_with_numbers_as_arguments() -> None:
    for path in MODULES:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("log."):
                assert not any(isinstance(part, ast.JoinedStr) for part in node.args), (
                    f"{name(path)} {node.lineno}"
                )
        for call in [c for c in ast.walk(tree(path)) if isinstance(c, ast.Call)]:
            sets_up = "cli" in path.parts or path.name == "logs.py"
            if ast.unparse(call.func) in ("logging.getLogger", "getLogger") and not sets_up:
                assert ast.unparse(call.args[0]) == "__name__", f"{name(path)} line {call.lineno}"


# What is promised


def test_importing_duomo_loads_nothing_heavy() -> None:
    loaded = python(
        "import sys, duomo; from duomo import DuomoError, Hits, Product, Settings; print(*sys.modules)"
    )
    assert not HEAVY & set(loaded.split())


def test_every_public_name_is_there_is_documented_and_has_a_home() -> None:
    assert sorted(duomo._HOME) == sorted(duomo.__all__) == duomo.__all__
    for public in duomo.__all__:
        thing = getattr(duomo, public)
        assert inspect.getdoc(thing), f"duomo.{public} has no docstring"
        assert thing.__module__ == f"duomo.{duomo._HOME[public]}"
    with pytest.raises(AttributeError, match="module 'duomo' has no attribute 'Shopp'"):
        _ = duomo.Shopp


def test_every_error_is_listed_with_its_kind_and_the_exit_code_of_that_kind() -> None:
    page = (ROOT / "docs" / "reference" / "python.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (.*) \| (\d) \|$", page, flags=re.MULTILINE)
    assert {kind: int(code) for kind, _, code in rows} == EXIT
    assert sorted(EXIT.values()) == [2, 3, 4, 5]
    listed = {error: kind for kind, errors, _ in rows for error in re.findall(r"`(\w+)`", errors)}
    raised = [error for error in subclasses(DuomoError) if error.__module__.startswith("duomo.")]
    assert listed == {error.__name__: error.kind for error in raised}
    assert all(error.__doc__ and error.__module__ == "duomo.errors" for error in raised)


def test_every_extra_that_the_code_names_can_be_installed() -> None:
    extras = project()["project"]["optional-dependencies"]
    named = {
        ast.literal_eval(call.args[0])
        for path in MODULES
        for call in calls(path, "needs")
        if call.args and isinstance(call.args[0], ast.Constant)
    }
    pages = [ROOT / "README.md", ROOT / "README.zh-CN.md", *(ROOT / "docs").rglob("*.md")]
    for page in pages:
        named |= set(re.findall(r"duomo\[([a-z-]+)\]", page.read_text(encoding="utf-8")))
    assert named - {""} <= set(extras)


def test_what_is_installed_is_pinned_and_comes_from_a_registry() -> None:
    pins = [
        line
        for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
        if not line.startswith("#")
    ]
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", pin) for pin in pins)
    pinned = {re.sub(r"[-_.]+", "-", pin.partition("==")[0]).lower() for pin in pins}
    extras = project()["project"]["optional-dependencies"]
    asked = [*project()["project"]["dependencies"], *(line for lines in extras.values() for line in lines)]
    direct = {re.sub(r"[-_.]+", "-", re.split(r"[\[<>=]", line)[0]).lower() for line in asked}
    assert direct - {"duomo"} <= pinned


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md"])
def test_the_readme_shows_the_two_commands_first(page: str) -> None:
    top = (ROOT / page).read_text(encoding="utf-8").splitlines()[:40]
    shown = "\n".join(top)
    assert 0 <= shown.find("make demo") < shown.find("make test")


def test_the_changelog_has_the_version_that_is_here() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "## [Unreleased]" in changelog or f"## [{duomo.__version__}]" in changelog


def test_every_command_and_every_option_is_told_of_in_the_reference() -> None:
    run = subprocess.run(
        [sys.executable, "-c", "from duomo.cli.main import main; main()", "--help"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "100"},
    )
    _, _, listed = run.stdout.partition("Commands")
    commands = set(re.findall(r"^[│|] ([a-z][a-z-]*) ", listed, flags=re.MULTILINE))
    assert {"demo", "check", "build", "search", "similar", "show", "serve"} <= commands
    page = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## duomo ([a-z-]+)$(.*?)(?=^## |\Z)", page, flags=re.MULTILINE | re.DOTALL))
    assert commands == sections.keys()
    fresh = typer.Typer()
    modules = (
        asking,
        checking,
        exporting,
        goods,
        labelling,
        measuring,
        operating,
        reading,
        serving,
        suggesting,
        tending,
        training,
    )
    for module in modules:
        module.add_to(fresh)
    offered = get_command(fresh).commands  # type: ignore[attr-defined]  # a group, as there are several commands
    assert offered.keys() == commands
    for command, section in sections.items():
        several = getattr(offered[command], "commands", {"": offered[command]})  # duomo measure encoder
        assert all(f"duomo {command} {name}".strip() in section for name in several if name), command
        params = [param for one in several.values() for param in one.params]
        options = {option for param in params for option in param.opts if option[0] == "-"}
        assert not (untold := {option for option in options if option not in section}), f"{command}: {untold}"


def test_every_route_is_told_of_in_the_reference(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "reference" / "http.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `([A-Z]+ /\S*)` \|", page, flags=re.MULTILINE))
    paths = create_app(duomo.Shop.create(tmp_path, encoder="hashed")).openapi()["paths"]
    offered = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}
    assert told == offered | {"GET /openapi.json"}


def test_every_route_of_labelling_is_told_of_in_its_guide(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "guide" / "labelling.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `([A-Z]+ /\S*)` \|", page, flags=re.MULTILINE))
    card = TaskCard(label="x", kind="texts", labels=("a", "b"), source="x.csv")
    task = LabelTask.create(tmp_path / "task", card, [Thing(id="1", text="x")], np.eye(1, dtype=np.float32))
    paths = create_labelling_app(task, duomo.Settings()).openapi()["paths"]
    assert told == {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}


def test_every_setting_is_told_of_in_the_reference_with_its_default() -> None:
    page = (ROOT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `(\w+)` \| `([^`]*)` \|", page, flags=re.MULTILINE))
    defaults = {field: str(getattr(duomo.Settings(), field)) for field in duomo.Settings.__slots__}
    assert {field: value.strip('"') for field, value in told.items()} == defaults


def test_no_file_tells_of_the_place_it_was_made_in() -> None:
    git = shutil.which("git")
    if not git or not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout, so which files are the project's is not known")
    listing = [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    private = re.compile(rb"/(home|root|Users|opt|work)/\w|--(extra-)?index-url|BEGIN [A-Z ]*PRIVATE KEY")
    for path in (ROOT / file for file in listed.split("\0") if file):
        if path.is_file() and path != Path(__file__).resolve():
            found = private.search(path.read_bytes())
            assert not found, f"{name(path)}: {found and found[0]!r}"


# What the tests stand on


def test_all_weights_together_have_at_most_40_mb() -> None:
    files = (path for folder in (ROOT / "src").rglob("weights") for path in folder.rglob("*"))
    assert sum(path.stat().st_size for path in files if path.is_file()) <= 40_000_000


def test_a_connection_out_of_this_machine_fails_by_name() -> None:
    with pytest.raises(Exception, match=r"tried to reach 192\.0\.2\.1,"), socket.socket() as outward:
        outward.connect(("192.0.2.1", 80))
    with pytest.raises(Exception, match=r"tried to reach example\.com,"):
        socket.create_connection(("example.com", 80))


def test_a_connection_within_this_machine_is_let_through() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as line,
    ):
        assert line.getpeername() == server.getsockname()


def test_the_columns_of_a_shop_change_only_with_the_number_of_its_format() -> None:
    # A shop of another format is refused in one sentence; one whose columns differ in silence fails anywhere.
    columns = [VectorColumn("one", part, f"vector_{part}", 8, "") for part in get_args(Part)]
    vectors = [field for column in columns for field in column.fields]
    written = "\n".join(f"{field.name} {field.type} {kind_of(field)}" for field in (*FIXED, *vectors))
    assert (FORMAT, hash_bytes(written.encode())) == (4, "7a2e5907952b4de3e2f3f618b4caadb8"), (
        "raise FORMAT in shelf/manifest.py"
    )
