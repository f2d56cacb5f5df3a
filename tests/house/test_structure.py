"""How the house is built: floors, words, docs, migrations, lock files."""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import os
import re
import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models

from zhike.base import events, questions
from zhike.records import registry

ROOT = Path(__file__).parents[2]
MODELS = [model for model in apps.get_models(include_auto_created=True) if model.__module__.startswith("zhike.")]
OWN = [model for model in MODELS if not model._meta.auto_created]
# Rows that only the program reads: nobody ever meets their name.
NAMELESS = {
    "CustomerFacts", "LifecycleChange", "PoolMove", "PoolWarning", "OpportunityLine", "StageChange", "Tick", "Message", "HistoryEntry", "HistorySeal", "ScheduledJob",
    "NumberRule", "NumberCounter", "OnceToken", "ExternalKey", "SearchEntry", "TeamGrant", "RolePermission", "Scope", "FieldRule",
    "WorkCalendarDay", "WorkHours", "ApiToken", "DictionaryOption",
}


def floors():
    """App → floor, counted from the ground, as import-linter holds them."""
    found = tomllib.loads((ROOT / "pyproject.toml").read_text())
    layers = next(c["layers"] for c in found["tool"]["importlinter"]["contracts"] if c["type"] == "layers")
    return {name.strip(): level for level, row in enumerate(reversed(layers)) for name in row.split("|")}


def app_of(model):
    return model.__module__.split(".")[1]


def test_foreign_keys_point_down():
    level, wrong = floors(), []
    for model in MODELS:
        for field in model._meta.get_fields():
            if field.is_relation and field.concrete and field.related_model and field.related_model.__module__.startswith("zhike."):
                here, there = app_of(model), app_of(field.related_model)
                if here != there and level[there] >= level[here]:
                    wrong.append(f"{model.__name__}.{field.name} points up to {there}")
                if here != there and level[here] > level["records"] and level[there] > level["pages"] and not field.remote_field.hidden:
                    wrong.append(f"{model.__name__}.{field.name} shows on {there}: related_name='+'")
    assert not wrong


def test_every_app_stands_on_a_floor():
    apps_here = {path.parent.name for path in (ROOT / "zhike").glob("*/apps.py")}
    assert apps_here <= set(floors()), apps_here - set(floors())


def test_every_model_has_a_name_and_a_purpose():
    nameless = [model.__name__ for model in OWN if "__str__" not in vars(model) and model.__name__ not in NAMELESS]
    silent = [model.__name__ for model in OWN if not (model.__doc__ or "").strip() or model.__doc__.startswith(f"{model.__name__}(")]
    assert not nameless and not silent


def test_no_amount_is_a_float_and_no_decimal_field():
    wrong = [f"{model.__name__}.{field.name}" for model in OWN for field in model._meta.concrete_fields
             if isinstance(field, (models.FloatField, models.DecimalField))]
    assert not wrong


def test_models_with_rows_of_people_can_be_asked_who_sees_them():
    for kind in registry.kinds():
        assert hasattr(kind.model.objects.all(), "visible_to"), kind.name


def public_functions(room):
    for path in sorted((ROOT / "zhike").glob(f"*/{room}.py")):
        module = importlib.import_module(f"zhike.{path.parent.name}.{room}")
        for name, function in vars(module).items():
            if inspect.isfunction(function) and function.__module__ == module.__name__ and not name.startswith("_"):
                yield f"{path.parent.name}.{name}", function


def test_every_action_says_what_it_does():
    assert [name for name, function in public_functions("actions") if not (function.__doc__ or "").strip()] == []


def test_actions_name_who_acts():
    system = {"activities._", "notices.", "customers.refresh_facts", "pages."}
    wrong = [name for name, function in public_functions("actions")
             if "by" not in inspect.signature(function).parameters and not any(name.startswith(s) for s in system)]
    assert not wrong


def test_events_questions_and_slots_are_documented():
    assert len(events.all_events()) > 5 and questions.all_questions()
    assert [event.name for event in events.all_events().values() if not event.doc.strip()] == []
    assert [question.name for question in questions.all_questions().values() if not question.doc.strip()] == []


def migrations():
    return sorted((ROOT / "zhike").glob("*/migrations/[0-9]*.py"))


def test_migrations_are_named_and_stand_alone():
    """They run for ever against code that has moved on, so they import none of it."""
    wrong = []
    for path in migrations():
        if "_auto_" in path.name or re.search(r"_(and_more|alter|remove)_.*_more", path.name):
            wrong.append(f"{path.name} has no name")
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                # Field types and the clock's defaults are named by every migration, what a fold is by folds: base keeps those names.
                if name.startswith("zhike") and name not in ("zhike.base.fields", "zhike.base.clock", "zhike.base.folding"):
                    wrong.append(f"{path.parent.parent.name}/{path.name} imports {name}")
    assert not wrong
    assert len(migrations()) > 5


def test_no_model_has_moved_without_a_migration(db):
    from io import StringIO

    from django.core.management import call_command

    call_command("makemigrations", check=True, dry_run=True, stdout=StringIO())


LOCKS = ["requirements/run.txt", "requirements/dev.txt", "requirements/uv.txt", "package-lock.json", ".npmrc", "Makefile", "pyproject.toml",
         "package.json"]


@pytest.mark.parametrize("name", LOCKS)
def test_lock_files_name_no_host_and_no_machine(name):
    text = (ROOT / name).read_text()
    for url in re.findall(r"https?://[^\s\"']+", text):
        assert re.match(r"https?://(json\.schemastore\.org|opencollective\.com|github\.com|www\.patreon\.com|[\w.-]*/funding)", url) is not None, url
    assert "resolved" not in text or name != "package-lock.json" or '"resolved": "http' not in text
    for sign in ("--index-url", "--extra-index-url", "registry=", "/root/", "/home/", str(ROOT)):
        assert sign not in text, sign


def test_requirements_are_pinned_with_hashes():
    for name in ("run", "dev", "uv"):
        text = (ROOT / f"requirements/{name}.txt").read_text()
        packages = re.findall(r"^([A-Za-z0-9][\w.\[\],-]*)==", text, re.MULTILINE)
        assert packages and text.count("--hash=sha256:") >= len(packages)
        assert not re.findall(r"^(?!#)[A-Za-z0-9][\w.\[\],-]*\s*(?:>=|~=|<|$)", text, re.MULTILINE)
    lock = json.loads((ROOT / "package-lock.json").read_text())
    assert [name for name, entry in lock["packages"].items() if name and not entry.get("integrity")] == []


def test_no_file_holds_a_path_of_a_machine():
    wrong = []
    for folder in ("zhike", "tests", "tools", "frontend"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in (".py", ".html", ".js", ".mjs", ".css", ".sh", ".toml", ".po") and "dist" not in path.parts and path != Path(__file__):
                text = path.read_text(encoding="utf-8")
                wrong += [f"{path.relative_to(ROOT)}: {sign}" for sign in ("/root/", "/home/", "/Users/", "/work/") if sign in text]
    assert not wrong


def shared():
    found = Path(os.environ.get("ZHIKE_SHARED") or ROOT.parent / "shared")
    if not found.is_dir():
        pytest.skip("the shared specification is not here")
    return found


# Words the glossary has for another noun: its "in progress" is that of a contract, ours that of an activity.
OTHER_NOUN = {("in progress", "进行中")}


def glossary():
    """English word → Chinese words, from the tables."""
    found = {}
    for line in (shared() / "spec/glossary.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if len(cells) >= 2 and cells[0] not in ("中文", "---") and not cells[0].startswith("-"):
            english = re.sub(r"\(.*?\)|`.*?`", "", cells[1]).lower()
            chinese = {part.strip() for part in re.split(r"[/,、]", re.sub(r"[（(].*?[）)]", "", cells[0]))}
            for word in re.split(r"\s/\s|,|;", english):
                found.setdefault(word.strip(), set()).update(chinese)
    assert len(found) > 150
    return found


def spoken():
    """(English, Chinese) of every kind, and of every state of a flow."""
    from django.utils.translation import override

    from zhike.customers.lifecycle import LIFECYCLE

    flows = [kind.flow for kind in registry.kinds() if kind.flow] + [LIFECYCLE]
    labels = [kind.label for kind in registry.kinds()] + [state.label for flow in flows for state in flow.states.values()]
    for label in labels:
        with override("en"):
            english = str(label)
        with override("zh-hans"):
            yield english, str(label)


def test_kinds_and_states_speak_the_words_of_the_glossary():
    words, wrong, met = glossary(), [], 0
    for english, chinese in spoken():
        known = words.get(english.lower())
        if known is None:
            continue
        met += 1
        if (english, chinese) in OTHER_NOUN:
            continue
        if chinese not in known and not any(chinese in word or word in chinese for word in known):
            wrong.append(f"{english}: {chinese}, the glossary says {sorted(known)}")
    assert not wrong
    assert met >= 8


def test_option_lists_carry_both_names(db):
    from zhike.masterdata.models import DictionaryOption

    for option in DictionaryOption.objects.all():
        assert option.name_zh and option.name_en and re.search(r"[\u3400-\u9fff]|^[A-Z0-9]", option.name_zh), option.code
        assert not re.search(r"[\u3400-\u9fff]", option.name_en), option.name_en


def test_local_apps_are_in_floor_order():
    level = floors()
    order = [level[name.split(".")[1]] for name in settings.LOCAL_APPS]
    assert order == sorted(order)
