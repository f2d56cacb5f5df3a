"""Keeping uploads: the file on disk, what the child found, what was chosen; private, and gone after 30 days."""

from __future__ import annotations

import re
import shutil
import uuid
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings as django_settings
from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.refused import Forbidden, Refused
from zhike.base.text import clean_line
from zhike.org.access import access_of
from zhike.records import tasks

from ...models import ImportMemory, ImportUpload
from ..importer import importer
from ..problems import SourceError
from . import limits, mapping, presets, sandbox
from .sandbox import Shape
from .settings import SYSTEM, Settings
from .targets import ID, KEY, Fillable, fillable, marks

DAYS = 30
MOST = 100  # uploads one person keeps
MEMORIES = 200
RESERVE = 500 * 1024 * 1024  # bytes of disk that uploads leave alone
_ENDING = re.compile(r"\.[a-z0-9]{1,8}")


def home() -> Path:
    return Path(django_settings.DATA_DIR) / "imports"


def folder_of(upload: ImportUpload) -> Path:
    return home() / upload.folder


def may(user: Any, kind: str) -> bool:
    """Whether the person may take files in as this kind."""
    found = importer(kind)
    if found is None or found.house_kind is None or "import" not in found.house_kind.actions:
        return False
    try:
        found.check_right(user)
    except Forbidden:
        return False
    return True


def own(user: Any, pk: int) -> ImportUpload:
    """The person's upload; anybody else's answers like none."""
    found = ImportUpload.objects.select_related("check_job", "run_job", "undo_job").filter(user=user, pk=pk).first()
    if found is None:
        raise Http404
    return settled(found)


def settled(upload: ImportUpload) -> ImportUpload:
    """A run whose worker is gone for good has stopped, whatever was written last."""
    job = upload.run_job
    if upload.state == ImportUpload.RUNNING and (job is None or not job.open):
        upload.state = ImportUpload.STOPPED
        upload.outcome = upload.outcome or (job.kept.get("tally", {}) if job is not None else {})
        upload.save(update_fields=["state", "outcome"])
    return upload


def receive(chunks: Iterable[bytes], name: str, size: int) -> Path:
    """Write an arriving file into a folder of its own; refuses what is too large for the house or the disk."""
    if size > limits.MAX_BYTES:
        raise Refused(_("The file is larger than %(n)s MB; split it.") % {"n": limits.MAX_BYTES >> 20}, field="file", code="size")
    home().mkdir(parents=True, exist_ok=True, mode=0o700)
    if shutil.disk_usage(home()).free < RESERVE + 4 * size:
        raise Refused(_("The server has too little space left for files. Tell an administrator."), field="file", code="space")
    folder = home() / f"upload-{uuid.uuid4().hex}"
    folder.mkdir(mode=0o700)
    ending = Path(name).suffix.lower()
    path = folder / f"{sandbox.STORED}{ending if _ENDING.fullmatch(ending) else '.bin'}"
    written = 0
    with path.open("wb") as file:
        path.chmod(0o600)
        for chunk in chunks:
            written += len(chunk)
            if written > limits.MAX_BYTES:
                shutil.rmtree(folder, ignore_errors=True)
                raise Refused(_("The file is larger than %(n)s MB; split it.") % {"n": limits.MAX_BYTES >> 20}, field="file",
                              code="size")
            file.write(chunk)
    return folder


def look(folder: Path, name: str, **choices: Any) -> tuple[Shape | None, str]:
    """What the child finds, or nothing and why. Takes seconds: never inside a transaction."""
    try:
        return sandbox.look(folder, name, **{key: value for key, value in choices.items() if value not in ("", None)}), ""
    except SourceError as wrong:
        return None, str(wrong)


@transaction.atomic
def keep(user: Any, kind: str, name: str, folder: Path, found: tuple[Shape | None, str]) -> ImportUpload:
    """Make a received file the person's upload, mapped as suggested."""
    if ImportUpload.objects.filter(user=user).count() >= MOST:
        raise Refused(_("You keep %(n)s uploaded files. Delete some first.") % {"n": MOST}, field="file", code="many")
    upload = ImportUpload(user=user, kind=kind, name=file_name(name), folder=folder.name,
                          size=sandbox.stored_file(folder).stat().st_size, created_at=clock.now())
    _fill(upload, *found, by=user)
    upload.save()
    return upload


def discard(folder: Path) -> None:
    """Delete a received file that became nobody's upload."""
    if not ImportUpload.objects.filter(folder=folder.name).exists():
        shutil.rmtree(folder, ignore_errors=True)


def file_name(name: str) -> str:
    """The name people know the file by, without what could mislead."""
    return clean_line(name.replace("\\", "/").rsplit("/", 1)[-1])[-200:] or "?"


@transaction.atomic
def read_as(upload: ImportUpload, choices: dict[str, Any], found: tuple[Shape | None, str], *, by: Any) -> None:
    """Store how the file was read after the person chose a sheet, heading, encoding or separator."""
    held = held_open(upload)
    held.choices = choices
    _fill(held, *found, by=by)
    held.save()


def held_open(upload: ImportUpload) -> ImportUpload:
    """The upload, locked, as long as nothing of it has been brought in."""
    held = ImportUpload.objects.select_for_update(of=("self",)).get(pk=upload.pk)
    if held.state != ImportUpload.OPEN:
        raise Refused(_("This file has been taken in already. Upload it again to do so once more."), code="upload.state")
    return held


def _fill(upload: ImportUpload, shape: Shape | None, refusal: str, *, by: Any) -> None:
    upload.shape = {} if shape is None else {name: getattr(shape, name) for name in Shape.__dataclass_fields__}
    upload.refusal = refusal
    upload.check_done, upload.check_tally, upload.check_job = False, {}, None
    if shape is not None:
        upload.settings = suggested(upload.kind, shape, by=by)


def shape_of(upload: ImportUpload) -> Shape | None:
    return Shape(**upload.shape) if upload.shape else None


def allowed_for(kind: str, user: Any) -> dict[str, Fillable]:
    found = importer(kind)
    return {} if found is None else fillable(found, access_of(user))


def suggested(kind: str, shape: Shape, *, by: Any) -> dict[str, Any]:
    """The settings a file starts with: as last time for these headings, by preset, else by names and values."""
    allowed = {**allowed_for(kind, by), **marks()}
    before = ImportMemory.objects.filter(user=by, kind=kind, digest=mapping.digest(shape.names())).first()
    preset = presets.recognise(kind, shape.names())
    hits = mapping.suggest(kind, shape.columns, allowed, before=before.columns if before else None, preset=preset)
    settings = Settings.from_json(before.settings) if before else Settings(
        system=preset.system if preset else SYSTEM, cells="warn" if preset else "fail")
    settings.preset = preset.name if preset else ""
    settings.columns = {hit.place: hit.target for hit in hits}
    names = set(settings.columns.values())
    if ID in names:
        settings.by, settings.empties, settings.mode = ID, True, "upsert"
    elif preset is not None and KEY in names:
        settings.by = KEY
    elif settings.by not in names:
        found = importer(kind)
        settings.by = next((name for name in found.match if name in names), "") if found is not None and not before else ""
    return {**settings.as_json(), "why": {str(hit.place): [hit.why, hit.confidence] for hit in hits}}


@transaction.atomic
def decide(upload: ImportUpload, settings: Settings, *, by: Any) -> ImportUpload:
    """Store what the person decided, and remember it for the next file with these headings."""
    found = importer(upload.kind)
    shape = shape_of(upload)
    if found is None or shape is None:
        raise Refused(_("This file cannot be read."), code="upload.shape")
    found.check_right(by)
    settings.check(found, fillable(found, access_of(by)))
    held = held_open(upload)
    held.settings = {**settings.as_json(), "why": held.settings.get("why", {})}
    held.check_done, held.check_tally, held.check_job = False, {}, None
    held.save()
    _remember(held, shape, settings, by)
    return held


def _remember(upload: ImportUpload, shape: Shape, settings: Settings, by: Any) -> None:
    columns = {str(column["name"]): settings.columns.get(int(column["place"]), "") for column in shape.columns}
    ImportMemory.objects.update_or_create(
        user=by, kind=upload.kind, digest=mapping.digest(shape.names()),
        defaults={"columns": columns, "settings": {**settings.as_json(), "columns": {}}, "used_at": clock.now()},
    )
    old = ImportMemory.objects.filter(user=by).order_by("-used_at").values_list("pk", flat=True)[MEMORIES:]
    ImportMemory.objects.filter(pk__in=list(old)).delete()


@transaction.atomic
def forget(upload: ImportUpload) -> None:
    """Delete an upload and its file; what it brought in stays."""
    held = ImportUpload.objects.select_for_update(of=("self",)).select_related("run_job", "check_job").get(pk=upload.pk)
    if any(job is not None and job.open for job in (held.run_job, held.check_job)):
        raise Refused(_("This file is being worked on. Cancel that first."), code="upload.busy")
    folder = folder_of(held)
    held.delete()
    transaction.on_commit(lambda: shutil.rmtree(folder, ignore_errors=True))


@tasks.job("records.prune_imports", every=24 * 60)
def prune() -> int:
    """Delete uploads after 30 days, and folders that belong to none."""
    old = clock.now() - timedelta(days=DAYS)
    gone, _rows = ImportUpload.objects.filter(created_at__lt=old).exclude(state=ImportUpload.RUNNING).delete()
    known = set(ImportUpload.objects.values_list("folder", flat=True))
    for folder in home().glob("upload-*"):
        fresh = folder.stat().st_mtime > (clock.now() - timedelta(days=1)).timestamp()
        if folder.name not in known and not fresh:
            shutil.rmtree(folder, ignore_errors=True)
    return gone
