"""Every message has a kind that the message centre can name."""

import re
from pathlib import Path

import zhike
from zhike.notices.models import Message


def test_messages_are_told_under_a_known_category():
    told = {name for path in Path(zhike.__path__[0]).rglob("*.py") if "tests" not in path.parts
            for name in re.findall(r'category="(\w+)"', path.read_text(encoding="utf-8"))}
    assert told and told <= {code for code, _label in Message.CATEGORIES}
