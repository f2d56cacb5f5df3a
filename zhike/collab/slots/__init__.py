"""What every record with a page gets, without declaring it: its discussion, its files, its tags."""

from zhike.pages import timeline as streams
from zhike.records import registry

from . import comments, files, groups, tags, timeline, trash

for _kind in registry.kinds():
    if _kind.pages and _kind.words:
        comments.add_to(_kind)
        files.add_to(_kind)
        tags.add_to(_kind)
        trash.add_to(_kind)
        groups.add_to(_kind)
        _kind.timeline.add("words", streams.Stream("talk", timeline.words), order=20)
        _kind.timeline.add("files", streams.Stream("talk", timeline.attached), order=30)
        _kind.timeline.add("system", streams.Stream("system", streams.system), order=900)
