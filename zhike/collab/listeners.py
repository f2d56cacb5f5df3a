"""What runs by itself: the trash is emptied and the store swept once a day."""

from __future__ import annotations

from zhike.records import tasks

from .actions import comments, files, trash


@tasks.job("collab.purge_files", every=24 * 60)
def purge() -> int:
    return files.purge_files()


@tasks.job("collab.sweep", every=24 * 60)
def sweep() -> int:
    return files.sweep()


@tasks.job("collab.forget_comments", every=24 * 60)
def forget() -> int:
    return comments.forget_deleted()


@tasks.job("collab.purge_trash", every=24 * 60)
def empty() -> int:
    return trash.purge_trash()
