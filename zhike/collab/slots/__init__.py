"""What every record with a page gets, without declaring it: its files."""

from zhike.records import registry

from . import files

for _kind in registry.kinds():
    if _kind.pages:
        files.add_to(_kind)
