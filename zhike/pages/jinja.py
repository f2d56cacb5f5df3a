"""The template engine of the pages: Jinja2, one environment, gettext inside."""

from __future__ import annotations

import functools
import json
import uuid
from typing import Any

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.text import capfirst
from jinja2 import Environment
from markupsafe import Markup

from . import formats


@functools.cache
def _manifest() -> dict[str, str]:
    path = settings.DIST_DIR / "manifest.json"
    return json.loads(path.read_text()) if path.exists() else {}


def asset(name: str) -> str:
    """The address of a built file; its name carries the hash of its content."""
    return static(f"zhike/dist/{_manifest().get(name, name)}")


@functools.lru_cache(maxsize=1_000)
def icon(name: str, cls: str = "") -> Markup:
    return Markup('<svg class="icon {}" aria-hidden="true"><use href="{}#{}"></use></svg>').format(
        cls, asset("icons.svg"), name
    )


def once_field() -> Markup:
    """The hidden token that makes a form post count once."""
    return Markup('<input type="hidden" name="_once" value="{}">').format(uuid.uuid4().hex)


def environment(**options: Any) -> Environment:
    env = Environment(extensions=["jinja2.ext.i18n"], trim_blocks=True, lstrip_blocks=True, **options)
    env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=translation.gettext, ngettext=translation.ngettext, newstyle=True, pgettext=translation.pgettext,
        npgettext=translation.npgettext,
    )
    env.globals.update(
        asset=asset, icon=icon, static=static, once_field=once_field,
        url=lambda name, *args: reverse(name, args=args),
    )
    env.filters["cap"] = capfirst
    for name in ("money", "money0", "price", "quantity", "wan", "pct", "d", "hm", "full", "day", "near"):
        env.filters[name] = getattr(formats, name)
    return env
