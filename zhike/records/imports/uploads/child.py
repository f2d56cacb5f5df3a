"""The child process: opens one upload, writes its table and what it is, and ends.

`python -m zhike.records.imports.uploads.child FOLDER [BYTES OF MEMORY]`, with FOLDER/ask.json naming the file and
the person's choices. Answers with FOLDER/shape.json. It first takes away from itself what a
hostile file could use: memory, time, disk. It knows no database and no settings.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from . import limits


def confine(memory: int) -> None:
    """Limits that hold for this process until it ends; none where the system has no such thing."""
    try:
        import resource
    except ImportError:
        return
    for what, most in (
        (resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, limits.CPU_SECONDS), (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, limits.MAX_WRITTEN), (resource.RLIMIT_NOFILE, 64),
    ):
        _soft, hard = resource.getrlimit(what)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))


def speak(language: str) -> None:
    """Messages in the person's language, from the catalogue alone."""
    import django
    from django.conf import settings
    from django.utils import translation

    locale = Path(__file__).resolve().parents[2] / "locale"
    if not settings.configured:
        settings.configure(USE_I18N=True, LANGUAGE_CODE="en", LOCALE_PATHS=[str(locale)], INSTALLED_APPS=[])
        django.setup()
    translation.activate("zh-hans" if language.startswith("zh") else "en")


def look(folder: Path, ask: dict[str, Any]) -> dict[str, Any]:
    """Open the file, write the table; the answer as data. Raises `SourceError` for what is refused."""
    from django.utils.translation import gettext as _

    from ..problems import SourceError
    from . import books, cards, layout, sniff, texts

    path = folder / ask["file"]
    kind = sniff.kind_of(path)
    answer: dict[str, Any] = {"format": kind, "encoding": "", "delimiter": "", "sheets": [], "sheet": ""}
    merges: list[books.Merge] = []
    lines: Iterator[tuple[int, list[Any]]]
    if kind == sniff.BOOK:
        sheets, name, merges, lines = books.read(path, ask.get("sheet", ""))
        answer |= {"sheets": [asdict(sheet) for sheet in sheets], "sheet": name}
    else:
        answer["encoding"] = encoding = texts.encoding_of(path, ask.get("encoding", ""))
        if kind == sniff.CARDS:
            lines = cards.rows(path, encoding)
        else:
            answer["delimiter"], lines = texts.rows(path, encoding, ask.get("delimiter", ""))
    choice = layout.Choice(ask.get("header"), ask.get("header_lines"))
    if kind == sniff.CARDS:
        choice = layout.Choice(1, 1)
    try:
        answer |= layout.write(path, folder, lines, merges, choice, ragged=kind == sniff.TEXT)
    except UnicodeDecodeError:
        raise SourceError(_("%(file)s: the text breaks off in the middle of a character. Choose another encoding.")
                          % {"file": path.name}) from None
    return answer


def answer(folder: Path) -> dict[str, Any]:
    """`look`, with every fault turned into a reason."""
    from django.utils.translation import gettext as _

    from ..problems import CellError, SourceError

    ask = json.loads((folder / "ask.json").read_text(encoding="utf-8"))
    speak(ask.get("language", "en"))
    try:
        return look(folder, ask)
    except (SourceError, CellError) as wrong:
        return {"refused": str(wrong)}
    except MemoryError:
        return {"refused": _("%(file)s: the file takes too much memory; split it, or save it as CSV.") % {"file": ask["file"]},
                "cause": "memory"}
    except Exception as wrong:  # a fault of a library or of ours on this very file: the person gets a reason
        return {"refused": _("%(file)s: the file is damaged or of a form that is not known (%(why)s). Open it in a "
                             "spreadsheet program and save it anew.")
                           % {"file": ask["file"], "why": f"{type(wrong).__name__}: {wrong}"[:160]},
                "cause": type(wrong).__name__}


def main(folder: Path, memory: int = limits.MEMORY) -> int:
    confine(memory)
    data = answer(folder)
    part = folder / "shape.part"
    part.write_text(json.dumps(data, ensure_ascii=True), encoding="ascii")
    part.replace(folder / "shape.json")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *map(int, sys.argv[2:3])))
