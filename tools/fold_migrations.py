"""Fold the migrations so far: each app gets one that makes today's tables at once (see docs/decisions/0012).

    python tools/fold_migrations.py

Writes `zhike/<app>/migrations/0001_to_<last>.py` for every app with more than one migration. What a migration does
besides tables and is needed in an empty house (the search index) is put in by hand afterwards; steps over data are not:
an empty house has none.
"""

from __future__ import annotations

import os
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
WORDS = "A new house makes its tables in one step; one that went the steps before goes on from where it is."


def main() -> int:
    """Write the folded migrations; returns the exit code."""
    sys.path.insert(0, str(ROOT))
    with tempfile.TemporaryDirectory() as scratch:
        sys.path.insert(0, scratch)
        os.environ.update(ZHIKE_DATA=scratch, DJANGO_SETTINGS_MODULE="zhike.config.settings")
        steps = {path.parent.name: _steps(path) for path in sorted(ROOT.glob("zhike/*/migrations")) if _steps(path)}
        for app in steps:
            folder = Path(scratch) / "fresh" / app
            folder.mkdir(parents=True)
            (folder / "__init__.py").touch()
        from django.conf import settings

        settings.MIGRATION_MODULES = {app: f"fresh.{app}" for app in steps}
        import django
        from django.core.management import call_command

        django.setup()
        call_command("makemigrations", verbosity=0)
        for app, names in steps.items():
            if len(names) > 1:
                print(_write(app, import_module(f"fresh.{app}.0001_initial").Migration("fresh", app), steps))
    return 0


def _steps(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("0*.py"))


def _name(names: list[str]) -> str:
    return f"0001_to_{names[-1][:4]}" if len(names) > 1 else names[0]


def _write(app: str, fresh: Any, steps: dict[str, list[str]]) -> Path:
    from django.db.migrations import Migration
    from django.db.migrations.writer import MigrationWriter

    made = Migration(_name(steps[app]), app)
    made.initial, made.replaces = True, [(app, name) for name in steps[app]]
    made.dependencies = [(to, _name(steps[to])) if to in steps else (to, name) for to, name in fresh.dependencies]
    made.operations = folded(app, fresh.operations)
    path = ROOT / "zhike" / app / "migrations" / f"{made.name}.py"
    text = MigrationWriter(made, include_header=False).as_string().replace("class Migration(migrations.Migration):", "class Migration(Folded):")
    path.write_text(f'"""{WORDS}"""\n\nfrom zhike.base.folding import Folded\n' + text)
    return path


def folded(app: str, operations: list[Any]) -> list[Any]:
    """Every model made at once with its columns, indexes and constraints, after those it points at.

    Each operation on a model that is already related costs Django the rendering of all its relatives: this is what
    a long way to the same tables spends its time on.
    """
    from django.db import migrations

    models: dict[str, Any] = {}
    for operation in operations:
        if isinstance(operation, migrations.CreateModel):
            models[operation.name.lower()] = operation
            continue
        model = models[(getattr(operation, "model_name", "") or operation.name).lower()]
        if isinstance(operation, migrations.AddField):
            model.fields.append((operation.name, operation.field))
        elif isinstance(operation, migrations.AddIndex):
            model.options.setdefault("indexes", []).append(operation.index)
        elif isinstance(operation, migrations.AddConstraint):
            model.options.setdefault("constraints", []).append(operation.constraint)
        else:
            raise TypeError(f"{app}: {operation} is not known here")
    made: list[Any] = []
    later: list[Any] = []
    waiting = dict(models)
    while waiting:
        ready = next((name for name in waiting if not _relatives(app, waiting[name]) & set(waiting) - {name}), None)
        if ready is None:  # a circle: one gets the columns that close it afterwards
            ready = max(sorted(waiting), key=lambda name: sum(name in _relatives(app, other) for other in waiting.values()))
            for name, field in list(waiting[ready].fields):
                if _points_at(app, field) & set(waiting) - {ready}:
                    waiting[ready].fields.remove((name, field))
                    later.append(migrations.AddField(waiting[ready].name, name, field))
        made.append(waiting.pop(ready))
    return [*made, *later]


def _relatives(app: str, model: Any) -> set[str]:
    return {name for _column, field in model.fields for name in _points_at(app, field)}


def _points_at(app: str, field: Any) -> set[str]:
    if field.remote_field is None:
        return set()
    ends = [str(end).lower() for end in (field.remote_field.model, getattr(field.remote_field, "through", None)) if isinstance(end, str)]
    return {end.rpartition(".")[2] for end in ends if end.rpartition(".")[0] in ("", app)}


if __name__ == "__main__":
    sys.exit(main())
