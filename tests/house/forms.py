"""The forms of a page as a browser would send them."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

FILLED_BY_BROWSER = ("submit", "button", "reset", "image")


@dataclass
class Control:
    """One input: its name, what it holds, and what it may hold."""

    name: str
    type: str
    value: str = ""
    required: bool = False
    options: list = field(default_factory=list)  # values of a select, the first one included
    checked: bool = True
    search: str = ""  # where a select looks its options up
    attrs: dict = field(default_factory=dict)


@dataclass
class Form:
    action: str
    method: str
    controls: list = field(default_factory=list)
    files: bool = False

    @property
    def values(self):
        """(name, value) of everything a browser would send now."""
        return [(one.name, one.value) for one in self.controls
                if one.name and one.checked and one.type != "file" and one.name != "csrfmiddlewaretoken"]

    def data(self):
        found = {}
        for name, value in self.values:
            found.setdefault(name, []).append(value)
        return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


class _Reader(HTMLParser):
    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.forms, self.open, self.select, self.area, self.option = [], None, None, None, None
        self.outside = []  # controls that name their form by id
        self.ids = {}
        self.feed(html)
        for form_id, control in self.outside:
            if form_id in self.ids:
                self.ids[form_id].controls.append(control)

    def _add(self, control, attrs):
        if "disabled" in attrs:
            return
        if attrs.get("form"):
            self.outside.append((attrs["form"], control))
        elif self.open is not None:
            self.open.controls.append(control)

    def handle_starttag(self, tag, attrs):
        given = {key: value or "" for key, value in attrs}
        if tag == "form":
            action = given.get("action") or given.get("hx-post", "")
            method = "post" if "hx-post" in given or given.get("method", "").lower() == "post" else "get"
            self.open = Form(action, method, files="multipart" in given.get("enctype", "") + given.get("hx-encoding", ""))
            self.forms.append(self.open)
            if given.get("id"):
                self.ids[given["id"]] = self.open
        elif tag == "input" and given.get("type", "text") not in FILLED_BY_BROWSER:
            kind = given.get("type", "text")
            ticked = kind not in ("checkbox", "radio") or "checked" in given
            value = given.get("value", "on" if kind in ("checkbox", "radio") else "")
            self._add(Control(given.get("name", ""), kind, value, "required" in given, checked=ticked, attrs=given), given)
        elif tag == "select":
            self.select = Control(given.get("name", ""), "select", "", "required" in given, search=given.get("data-search-url", ""), attrs=given)
            self.select.checked = False
            self._add(self.select, given)
        elif tag == "option" and self.select is not None:
            value = given.get("value", "")
            self.select.options.append(value)
            if "selected" in given or (not self.select.checked and "multiple" not in self.select.attrs):
                self.select.value, self.select.checked = value, True
        elif tag == "textarea":
            self.area = Control(given.get("name", ""), "textarea", "", "required" in given, attrs=given)
            self._add(self.area, given)

    def handle_data(self, data):
        if self.area is not None:
            self.area.value += data

    def handle_endtag(self, tag):
        if tag == "form":
            self.open = None
        elif tag == "select":
            self.select = None
        elif tag == "textarea" and self.area is not None:
            self.area.value, self.area = self.area.value.removeprefix("\n"), None


def forms(html):
    """Every form of the page that posts."""
    return [form for form in _Reader(html).forms if form.method == "post"]


def first_form(html):
    """The form with a once-token that has most to fill in; None when the page has none."""
    found = [form for form in forms(html) if any(one.name == "_once" for one in form.controls)]
    return max(found, key=lambda form: len([one for one in form.controls if one.type != "hidden"]), default=None)
