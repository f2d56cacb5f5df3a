"""Somebody who works through pages: presses only what the page before their eyes shows."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

VOID = {"input", "br", "img", "hr", "meta", "link", "source", "use", "path", "rect", "circle", "line"}


def words(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


@dataclass
class Link:
    href: str
    text: str = ""
    label: str = ""


@dataclass
class Form:
    """A form with what a browser would post, and its buttons."""

    action: str
    method: str
    values: dict[str, list[str]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)  # text, name, value
    options: dict[str, dict[str, str]] = field(default_factory=dict)  # select → label → value
    lookups: dict[str, str] = field(default_factory=dict)  # select → address that searches


class Page(HTMLParser):
    """Links, forms and the visible text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[Link] = []
        self.forms: list[Form] = []
        self.parts: list[str] = []
        self.hidden = 0
        self._links: list[Link] = []
        self._forms: list[Form] = []
        self._button: list[Any] | None = None
        self._select: tuple[str, bool] | None = None
        self._option: list[Any] | None = None
        self._area: list[Any] | None = None
        self.feed(html)
        self.text = words("".join(self.parts))

    @property
    def _form(self) -> Form | None:
        return self._forms[-1] if self._forms else None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        got = {name: value or "" for name, value in attrs}
        if tag in ("script", "style", "template"):
            self.hidden += 1
        if tag in ("p", "div", "li", "td", "th", "tr", "dt", "dd", "h1", "h2", "h3", "section", "br", "span", "a"):
            self.parts.append(" ")
        if tag == "a" and "href" in got:
            self._links.append(Link(got["href"], label=got.get("aria-label", "")))
            self.links.append(self._links[-1])
        elif tag == "form":
            self._forms.append(Form(got.get("action", ""), got.get("method", "get").lower()))
            self.forms.append(self._forms[-1])
        elif self._form is not None:
            self._control(tag, got)

    def _control(self, tag: str, got: dict[str, str]) -> None:
        form, name = self._form, got.get("name", "")
        assert form is not None
        if tag == "button":
            self._button = ["", name, got.get("value", ""), got.get("type", "submit"), "disabled" in got, got.get("aria-label", "")]
        if "disabled" in got or (not name and tag in ("input", "textarea", "select")):
            return
        if tag == "input":
            form.names.add(name)
            kind = got.get("type", "text")
            if kind in ("checkbox", "radio"):
                form.options.setdefault(name, {})[got.get("value", "on")] = got.get("value", "on")
                if "checked" in got:
                    form.values.setdefault(name, []).append(got.get("value", "on"))
            elif kind not in ("file", "submit", "button"):
                form.values.setdefault(name, []).append(got.get("value", ""))
        elif tag == "textarea":
            form.names.add(name)
            self._area = [name, ""]
        elif tag == "select":
            form.names.add(name)
            self._select = (name, "multiple" in got)
            form.options[name] = {}
            if got.get("data-search-url"):
                form.lookups[name] = got["data-search-url"]
        elif tag == "option" and self._select:
            self._option = [got.get("value", ""), "", "selected" in got]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        form = self._form
        if tag in ("script", "style", "template"):
            self.hidden -= 1
        elif tag == "a" and self._links:
            link = self._links.pop()
            link.text = words(link.text)
        elif tag == "form" and self._forms:
            self._forms.pop()
        elif tag == "button" and self._button is not None and form is not None:
            text, name, value, kind, off, label = self._button
            if kind == "submit" and not off:
                form.buttons.append((words(text) or label, name, value))
            self._button = None
        elif tag == "textarea" and self._area is not None and form is not None:
            form.values.setdefault(self._area[0], []).append(self._area[1].removeprefix("\n"))
            self._area = None
        elif tag == "option" and self._option is not None and self._select and form is not None:
            name, several = self._select
            value, label, chosen = self._option
            first = name not in form.values and not several
            form.options[name][words(label)] = value
            if chosen:
                form.values[name] = [*form.values[name], value] if several and name in form.values else [value]
            elif first:
                form.values[name] = [value]
            self._option = None
        elif tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        if self.hidden:
            return
        if self._area is not None:
            self._area[1] += data
        if self._option is not None:
            self._option[1] += data
            return
        for link in self._links:
            link.text += data
        if self._button is not None:
            self._button[0] += data
        self.parts.append(data)


class Person:
    """One colleague at a browser without scripts: opens, looks, clicks, fills in and presses."""

    def __init__(self, client: Any, name: str = "") -> None:
        self.client, self.name = client, name
        self.url, self.page, self.html = "/", Page(""), ""

    # Looking

    def open(self, url: str, code: int = 200) -> Person:
        """Go to an address, through whatever it leads on to."""
        got = self.client.get(url, follow=True)
        assert got.status_code == code, (self.name, url, got.status_code, words(Page(got.content.decode(errors="replace")).text)[-600:])
        # `request` of a followed answer is the last one.
        asked = got.request
        self.url = asked["PATH_INFO"] + (f"?{asked['QUERY_STRING']}" if asked.get("QUERY_STRING") else "")
        return self._take(got)

    def _take(self, got: Any) -> Person:
        self.html = got.content.decode() if "text/html" in got.get("Content-Type", "") else ""
        self.page = Page(self.html)
        return self

    def sees(self, *texts: str) -> Person:
        for text in texts:
            assert text in self.page.text, f"{self.name} does not see “{text}” on {self.url}: {self.page.text[:3000]}"
        return self

    def misses(self, *texts: str) -> Person:
        """The text is nowhere on the page, not even in an attribute."""
        for text in texts:
            assert text not in self.html, f"{self.name} should not see “{text}” on {self.url}"
        return self

    def offered(self, text: str) -> bool:
        """Whether there is a link or a button of this name."""
        return any(text in (link.text, link.label) for link in self.page.links) or any(
            text == button[0] for form in self.page.forms for button in form.buttons)

    # Doing

    def link(self, text: str = "", *, where: str = "") -> str:
        found = [link.href for link in self.page.links if (not text or text in (link.text, link.label)) and where in link.href]
        assert found, f"{self.name} finds no link “{text}” on {self.url}: {sorted({link.text or link.label for link in self.page.links})}"
        return urljoin(self.url, found[0])

    def click(self, text: str = "", *, where: str = "", code: int = 200) -> Person:
        """Follow the link of this name; of several, one whose address holds `where`."""
        return self.open(self.link(text, where=where), code)

    def form(self, button: str, *, where: str = "") -> tuple[Form, tuple[str, str, str]]:
        for form in self.page.forms:
            for found in form.buttons:
                if found[0] == button and form.method == "post" and where in form.action:
                    return form, found
        raise AssertionError(f"{self.name} finds no button “{button}” on {self.url}: {[[b[0] for b in f.buttons] for f in self.page.forms]}")

    def press(self, button: str, code: int = 303, *, where: str = "", files: dict[str, Any] | None = None, **values: Any) -> Person:
        """Fill in the form of this button and press it; goes where the answer leads.

        A choice may be given by its words, a look-up by what is typed there; a field that the form does not
        have is a fault of the test.
        """
        form, (_text, name, value) = self.form(button, where=where)
        posted: dict[str, Any] = {key: list(found) for key, found in form.values.items()}
        for key, given in values.items():
            key = key.replace("__", ".") if key not in form.names else key
            assert key in form.names, f"{self.name}: no field {key} in “{button}” on {self.url}: {sorted(form.names)}"
            posted[key] = [self._value(form, key, one) for one in (given if isinstance(given, (list, tuple)) else [given])]
        if name:
            posted[name] = [value]
        posted |= files or {}
        target = urljoin(self.url, form.action) if form.action else self.url
        got = self.client.post(target, posted)
        shown = Page(got.content.decode(errors="replace")).text if got.status_code != code else ""
        assert got.status_code == code, (self.name, target, got.status_code, shown[-1500:])
        if code == 303:
            return self.open(got["Location"])
        self.url = urlsplit(target).path
        return self._take(got)

    def _value(self, form: Form, key: str, given: Any) -> str:
        text = str(given)
        if key in form.lookups and not text.isdigit():
            return self.look_up(form.lookups[key], text)
        named = form.options.get(key, {})
        if text in named.values() or text == "":
            return text
        if text in named:
            return named[text]
        if named and key not in form.lookups:
            raise AssertionError(f"{self.name}: “{text}” cannot be chosen for {key} on {self.url}: {named}")
        return text

    def look_up(self, address: str, text: str) -> str:
        """The id behind the first thing found while typing."""
        from urllib.parse import quote

        join = "&" if "?" in address else "?"
        got = self.client.get(f"{address}{join}q={quote(text)}")
        assert got.status_code == 200, (address, got.status_code)
        items = got.json()["items"]
        assert items, f"{self.name} looks for “{text}” in vain at {address}"
        return str(items[0]["value"])
