"""What every record with a page gets, without declaring it: its discussion and its files."""

from zhike.records import registry

from . import comments, files, timeline

for _kind in registry.kinds():
    if _kind.pages:
        comments.add_to(_kind)
        files.add_to(_kind)
        _kind.timeline.add("words", timeline.words)
        _kind.timeline.add("files", timeline.attached)
