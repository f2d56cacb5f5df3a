"""Catalogues: `update` finds new texts, `check` refuses holes, `compile` makes what the program reads.

Babel does it in Python, so no gettext program is needed. Every app has its own catalogue.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent / "zhike"
METHODS = [("**/tests/**", "ignore"), ("**/migrations/**", "ignore"), ("**.py", "python"), ("**/jinja2/**.html", "jinja2")]
OPTIONS = {"**/jinja2/**.html": {"silent": "false", "newstyle_gettext": "true", "trim_blocks": "true"}}
KEYWORDS = {
    "_": None, "gettext": None, "gettext_lazy": None, "ngettext": (1, 2), "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2),
}
HOLES = re.compile(r"%\((\w+)\)[sd]|%[sd]|\{(\w*)\}")


def apps() -> list[Path]:
    return sorted(path for path in ROOT.iterdir() if path.is_dir() and (path / "__init__.py").exists())


def catalogue(app: Path) -> Path:
    return app / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"


def extract(app: Path) -> Catalog:
    found = Catalog(locale="zh_Hans", project="Zhike", charset="utf-8", fuzzy=False)
    for name, line, message, _comments, context in extract_from_dir(
        app, method_map=METHODS, options_map=OPTIONS, keywords=KEYWORDS
    ):
        found.add(message, None, [(f"{app.name}/{name}", line)], context=context)
    return found


def load(app: Path) -> Catalog:
    path = catalogue(app)
    if not path.exists():
        return Catalog(locale="zh_Hans", charset="utf-8", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale="zh_Hans")


def update() -> int:
    for app in apps():
        template = extract(app)
        if not len(template):
            continue
        mine = load(app)
        mine.update(template, no_fuzzy_matching=True)
        mine.obsolete.clear()
        catalogue(app).parent.mkdir(parents=True, exist_ok=True)
        with catalogue(app).open("wb") as file:
            write_po(file, mine, omit_header=False, no_location=True, sort_output=True, width=110)
    return 0


def check() -> int:
    problems: list[str] = []
    said: dict[tuple[str, str], tuple[str, str]] = {}
    for app in apps():
        mine = load(app)
        for message in extract(app):
            if not message.id:
                continue
            key = message.id[0] if isinstance(message.id, tuple) else message.id
            found = mine.get(message.id, message.context)
            text = found.string if found else ""
            texts = list(text) if isinstance(text, (tuple, list)) else [text]
            if found is None or not all(texts):
                problems.append(f"{app.name}: no Chinese for {key!r}")
                continue
            if found.fuzzy:
                problems.append(f"{app.name}: fuzzy {key!r}")
            for one in texts:
                if sorted(HOLES.findall(one)) != sorted(HOLES.findall(key)) and not isinstance(message.id, tuple):
                    problems.append(f"{app.name}: placeholders differ in {key!r}: {one!r}")
            known = said.setdefault((key, message.context or ""), (app.name, texts[0]))
            if known[1] != texts[0]:
                problems.append(f"{key!r} is {known[1]!r} in {known[0]} but {texts[0]!r} in {app.name}")
    for problem in problems:
        print(problem)
    print(f"{len(said)} texts, {len(problems)} problems")
    return 1 if problems else 0


def compile_all() -> int:
    for app in apps():
        if catalogue(app).exists():
            with catalogue(app).with_suffix(".mo").open("wb") as file:
                write_mo(file, load(app))
    return 0


if __name__ == "__main__":
    commands = {"update": update, "check": check, "compile": compile_all}
    if len(sys.argv) != 2 or sys.argv[1] not in commands:
        sys.exit("usage: messages.py update|check|compile")
    sys.exit(commands[sys.argv[1]]())
