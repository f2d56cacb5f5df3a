"""What the documents say is there: files, links, names, commands, settings, and each app's own page."""

from __future__ import annotations

import importlib
import inspect
import re
from itertools import chain
from pathlib import Path

import pytest

from zhike.base import events, questions
from zhike.config.environment import KNOWN
from zhike.customers.lifecycle import LIFECYCLE
from zhike.records import registry

ROOT = Path(__file__).parents[2]
APPS = sorted(path.parent for path in (ROOT / "zhike").glob("*/__init__.py"))
MARKDOWN = sorted(chain(ROOT.glob("*.md"), *((ROOT / folder).rglob("*.md") for folder in ("docs", "examples", "zhike"))))
BUILDERS = {"ZHIKE_SHARED", "ZHIKE_WHOLE_TABLER", "ZHIKE_SCREENSHOTS", "ZHIKE_WRITE_COUNTS", "ZHIKE_WORKER_FOLLOWS"}
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
TICKED = re.compile(r"`([^`\n]+)`")
# What does not exist yet, in the recipes for adding it.
MADE_UP = re.compile(r"quotes?\b|_quote|\bfax\b|customer_fax|verb_noun")


def read(path):
    return path.read_text(encoding="utf-8")


def ticked(text):
    """What stands in backticks in running text."""
    return TICKED.findall(FENCE.sub("", text))


def spoken(path):
    """Code of a document: in backticks and in blocks."""
    text = read(path)
    return "\n".join([*ticked(text), *FENCE.findall(text)])


def slug(heading):
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def pictures():
    """The pictures the browser tests make."""
    from tests.browser.test_looks import PAGES

    return {f"{name}-{look}.png" for name, *_rest in PAGES for look in ("light", "dark", "phone")} | {
        f"sign-in-{look}.png" for look in ("light", "phone")}


def broken_links(path):
    for target in re.findall(r"\]\(([^)\s]+)\)", FENCE.sub("", read(path))):
        if re.match(r"[a-z]+:", target):
            continue
        name, _hash, anchor = target.partition("#")
        there = (path.parent / name).resolve() if name else path
        if there.parent == ROOT / "docs/screenshots":
            if there.name not in pictures():
                yield f"{target}: the browser tests make no such picture"
        elif not there.exists():
            yield f"{target}: no such file"
        elif anchor and anchor not in {slug(line.lstrip("#")) for line in read(there).splitlines() if line.startswith("#")}:
            yield f"{target}: no such heading"


def test_links_lead_somewhere():
    assert len(MARKDOWN) > 30
    wrong = [f"{path.relative_to(ROOT)}: {text}" for path in MARKDOWN for text in broken_links(path)]
    assert not wrong


def resolves(name):
    """Whether a dotted name is a module of ours or something in one."""
    parts = name.split(".")
    for i in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:i]))
        except ImportError:
            continue
        for part in parts[i:]:
            if not hasattr(found, part):
                return False
            found = getattr(found, part)
        return True
    return False


FOLDERS = ("zhike", "tests", "docs", "tools", "frontend", "examples", "requirements")


def test_files_and_modules_named_in_documents_exist():
    wrong, seen = [], 0
    for path in MARKDOWN:
        for text in ticked(read(path)):
            if "<" in text or "*" in text or " " in text or MADE_UP.search(text):
                continue
            if re.match(rf"({'|'.join(FOLDERS)})/", text):
                seen += 1
                if not (ROOT / text).exists():
                    wrong.append(f"{path.relative_to(ROOT)}: {text}")
            elif re.fullmatch(r"zhike(\.\w+)+", text):
                seen += 1
                if not resolves(text):
                    wrong.append(f"{path.relative_to(ROOT)}: {text}")
            elif path.parent.parent == ROOT / "zhike" and re.fullmatch(r"\w+(\.py|/)", text):
                seen += 1
                if not (path.parent / text).exists():
                    wrong.append(f"{path.relative_to(ROOT)}: {text}")
    assert not wrong
    assert seen > 150


@pytest.mark.parametrize("name", ["docs/architecture.md", *(f"docs/howto/add-a{what}.md" for what in ("-field", "-document-type", "-page", "n-import-kind"))])
def test_names_of_code_are_still_in_the_code(name):
    """A class or function that was renamed must be renamed in the walk that names it."""
    sources = chain((ROOT / "zhike").rglob("*.py"), (ROOT / "tests").rglob("*.py"), (ROOT / "zhike").rglob("*.html"))
    words = {word for path in sources if path != Path(__file__) for word in re.findall(r"\w+", read(path))}
    wrong = []
    for text in ticked(read(ROOT / name)):
        found = re.match(r"(?:[\w]+\.)*(\w+)(?:\(.*\))?$", text)
        if found and not MADE_UP.search(text) and re.search(r"_|[a-z][A-Z]|^[A-Z]", found[1]) and found[1] not in words:
            wrong.append(text)
    assert not wrong


def test_targets_of_make_exist():
    targets = set(re.findall(r"^([a-z-]+):", read(ROOT / "Makefile"), re.MULTILINE))
    named = {(path.name, target) for path in MARKDOWN for target in re.findall(r"\bmake ([a-z-]+)", spoken(path))}
    assert {target for _name, target in named} >= {"demo", "test"}
    assert not [pair for pair in named if pair[1] not in targets]


def test_commands_exist():
    from zhike.arguments import parser

    verbs = set(next(action for action in parser()._actions if action.choices).choices)
    named = {(path.name, verb) for path in MARKDOWN for verb in re.findall(r"^(?:\S*/)?zhike ([a-z]+)", spoken(path), re.MULTILINE)}
    assert {verb for _name, verb in named} >= {"init", "serve", "worker", "import", "upgrade"}
    assert not [pair for pair in named if pair[1] not in verbs]


def test_settings_named_in_documents_exist():
    named = {(path.name, variable) for path in MARKDOWN for variable in re.findall(r"ZHIKE_[A-Z_]+", read(path)) if not variable.endswith("_")}
    assert not [pair for pair in named if pair[1] not in KNOWN]
    for language in ("en", "zh"):
        table = read(ROOT / f"docs/admin/install.{language}.md")
        assert not {variable for variable in KNOWN - BUILDERS if f"`{variable}`" not in table}


def commands(text):
    return sorted(set(re.findall(r"(?:make|zhike|pip|git) [a-z]+", "\n".join(FENCE.findall(text)))))


def plain_code(text):
    """Everything in backticks that is the same in every language."""
    return {word for word in ticked(text) if re.fullmatch(r"[ -~]+", word)}


@pytest.mark.parametrize(("english", "chinese"), [("README.md", "README.zh.md"), ("docs/admin/install.en.md", "docs/admin/install.zh.md"),
                                                   ("docs/admin/backup.en.md", "docs/admin/backup.zh.md")])
def test_both_languages_say_the_same_commands(english, chinese):
    en, zh = read(ROOT / english), read(ROOT / chinese)
    assert commands(en) == commands(zh) and len(commands(en)) >= 3
    assert len(FENCE.findall(en)) == len(FENCE.findall(zh))
    assert len(re.findall(r"^#", en, re.MULTILINE)) == len(re.findall(r"^#", zh, re.MULTILINE))
    assert plain_code(en) == plain_code(zh)


@pytest.mark.parametrize("app", APPS, ids=lambda path: path.name)
def test_each_app_has_its_page(app):
    text = read(app / "README.md")
    assert text.startswith(f"# {app.name}: ") and len(text.splitlines()) < 110


def section(app, title):
    """The first column of a section's table in an app's page."""
    found = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", read(app / "README.md"), re.MULTILINE | re.DOTALL)
    rows = re.findall(r"^\|([^|]*)\|", found[1], re.MULTILINE) if found else []
    return {name for row in rows for name in TICKED.findall(row)}


def own_actions(app):
    if app.name == "pages":
        return set()
    rooms = [path.stem for path in (app / "actions").glob("[a-z]*.py")]
    modules = [f"actions.{room}" for room in rooms] or ["actions"] * (app / "actions.py").exists()
    return {name for module in modules for name in functions(importlib.import_module(f"zhike.{app.name}.{module}"))}


def functions(module):
    return {name for name, found in vars(module).items()
            if inspect.isfunction(found) and found.__module__ == module.__name__ and not name.startswith("_")}


@pytest.mark.parametrize("app", APPS, ids=lambda path: path.name)
def test_each_page_names_what_the_app_has(app):
    assert section(app, "Actions") == own_actions(app)
    assert section(app, "Events") == {name for name in events.all_events() if name.startswith(f"{app.name}.")}
    assert section(app, "Questions") == {name for name in questions.all_questions() if name.startswith(f"{app.name}.")}


FLOWS = {"customer": LIFECYCLE, **{kind.name: kind.flow for kind in registry.kinds() if kind.flow}}


@pytest.mark.parametrize("kind", sorted(FLOWS))
def test_tables_of_moves_are_those_of_the_flow(kind):
    app = ROOT / "zhike" / registry.kind(kind).model.__module__.split(".")[1]
    rows = {tuple(cell.strip() for cell in row.split("|")[1:4]) for row in read(app / "README.md").splitlines() if row.startswith("| `")}
    missing = [move.name for move in FLOWS[kind].moves.values() if (f"`{move.name}`", ", ".join(move.sources), move.target) not in rows]
    assert not missing


def test_the_packages_carry_what_they_should():
    from hatchling.builders.sdist import SdistBuilder
    from hatchling.builders.wheel import WheelBuilder

    def inside(builder):
        return {found.distribution_path for found in builder(str(ROOT)).recurse_included_files()}

    wheel, source = inside(WheelBuilder), inside(SdistBuilder)
    assert "zhike/cli.py" in wheel and not [name for name in wheel if name.endswith((".md", ".po")) or "/tests/" in name]
    wanted = {"README.md", "README.zh.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "docs/architecture.md", "examples/README.md",
              "zhike/customers/README.md", ".npmrc"}
    assert not wanted - source
