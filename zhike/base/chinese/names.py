"""Company names made comparable: the same firm written in two ways gets the same core.

Region words are taken out of the core and compared, not thrown away: 示例机械（苏州） and 示例机械（无锡） have
one core and two regions. How alike two names are says `likeness`.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from dataclasses import dataclass

from . import firm_words, pinyin, regions

_BRACKETS = re.compile(r"[（(\[【〔{<《「『]([^）)\]】〕}>》」』]*)[）)\]】〕}>》」』]?")
_JUNK = re.compile(r"[\W_]+")
_LATIN = re.compile(r"[a-zà-ÿ0-9&'’.,/\- ]+")
_NTH = re.compile(r"第([0-9]{1,2})(?=[^0-9])")
_AMPERSAND = re.compile(r"[&＆+]")
_INITIALS = re.compile(r"\b(?:[a-z]\.){2,}|\bs\.?p\.?a\b|\bs\.?r\.?l\b|\bb\.?v\b|\bn\.?v\b")
# Behind a city: a district, or the zones most works stand in.
_DISTRICT = re.compile(r"(?:工业园区|高新区|高新技术开发区|经济技术开发区|经济开发区|经开区|开发区|[\u4e00-\u9fff]{2}新?区)(?=[\u4e00-\u9fff]{2})")
_WORD = re.compile(r"[a-z0-9à-ÿ]+")


@dataclass(frozen=True, slots=True)
class Name:
    """One company name taken apart."""

    core: str  # without legal form, brackets, spaces and region: 川仪自动化
    regions: frozenset[str] = frozenset()
    brand: str = ""  # the core without its trades, where that sets it apart: 川仪
    form: str = ""  # shares, limited, firm, or "" where no legal form is given
    group: bool = False
    branch: str = ""  # 苏州分公司
    former: tuple[str, ...] = ()  # former names written in brackets behind it
    latin: bool = False

    @property
    def sound(self) -> str:
        """How the core sounds, characters that are mixed up counted as one; "" for short and Latin cores."""
        return "" if self.latin or len(self.core) < 3 else pinyin.full(self.core.translate(firm_words.ALIKE))

    @property
    def weak(self) -> bool:
        """Whether nothing but the region sets it apart: 上海电气."""
        return not self.latin and not self.brand


def _fold(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold().strip().translate(firm_words.SIMPLE)


@functools.lru_cache(maxsize=20_000)
def parse(name: str) -> Name:
    """Take a company name apart. Never raises; a name of nothing but signs has an empty core."""
    text = _fold(name)
    found: set[str] = set()
    former: list[str] = []
    flags = {"group": False, "shares": False, "limited": False, "firm": False}

    def bracket(match: re.Match[str]) -> str:
        inside = match[1].strip()
        old = firm_words.FORMER.match(inside)
        if old:
            former.append(old["name"])
            return ""
        if inside in firm_words.NOISE:
            return ""
        if inside in ("集团", "group"):
            flags["group"] = True
            return ""
        region = regions.of(inside) or _region_of(inside)
        if region:
            found.add(region)
            return ""
        return f" {inside} " if inside.isascii() else inside

    text = _BRACKETS.sub(bracket, text)
    if _LATIN.fullmatch(text):
        return _latin(text, found, tuple(former), flags["group"])
    text = _JUNK.sub("", text)
    text = _NTH.sub(lambda match: "第" + match[1].translate(firm_words.DIGITS), text)
    branch = ""
    cut = (firm_words.BRANCH.match(text) or firm_words.BARE_BRANCH.match(text)) if text.endswith(firm_words.BRANCH_TAIL) else None
    if cut:
        text, branch = cut["head"], cut["branch"]
    text = _without_form(text, flags)
    text = _without_regions(text, found)
    text = _without_form(text, flags)
    form = "shares" if flags["shares"] else "limited" if flags["limited"] else "firm" if flags["firm"] else ""
    return Name(core=text, regions=frozenset(found), brand=_brand(text), form=form, group=flags["group"], branch=branch,
                former=tuple(former), latin=text.isascii())


def _region_of(text: str) -> str:
    """The innermost region of a text that is nothing but regions: 江苏苏州 → 苏州."""
    region, left = "", text
    while left:
        if regions.of(left):
            return regions.of(left)
        region, length = regions.leading(left, region)
        if not length:
            return ""
        left = left[length:]
    return region


def _without_form(text: str, flags: dict[str, bool]) -> str:
    changed = True
    while changed and text[-1:] in firm_words.LEGAL_TAIL:
        changed = False
        for pattern in firm_words.LEGAL:
            match = pattern.search(text)
            if match and match.start() > 0:
                for flag in ("group", "shares", "limited"):
                    flags[flag] = flags[flag] or bool(match.groupdict().get(flag))
                flags["firm"] = flags["firm"] or "公" in match[0]
                text, changed = text[: match.start()], True
                break
    return text


def _without_regions(text: str, found: set[str]) -> str:
    """Take leading regions off, each inside the one before (江苏省苏州市); at least two characters stay."""
    inside = ""
    for _level in range(3):
        region, length = regions.leading(text, inside)
        if not length or len(text) - length < 2:
            district = _DISTRICT.match(text) if inside else None
            return text[district.end() :] if district and len(text) - district.end() >= 2 else text
        text, inside = text[length:], region
        found.add(region)
        if region == regions.COUNTRY:
            return text
    return text


def _brand(core: str) -> str:
    """The core without the trades behind it; "" where too little is left to know a firm by."""
    text, changed = core, True
    while changed and text.endswith(firm_words.TRADES):
        changed = False
        for trade in firm_words.TRADES:
            if text.endswith(trade) and len(text) - len(trade) >= 2:
                text, changed = text[: -len(trade)], True
                break
    return "" if len(text) < 2 or text in firm_words.WEAK or text in firm_words.TRADES else text


def _latin(text: str, found: set[str], former: tuple[str, ...], group: bool) -> Name:
    text = _INITIALS.sub(lambda match: match[0].replace(".", ""), _AMPERSAND.sub(" and ", text))
    words = _WORD.findall(text.replace("'", "").replace("’", ""))
    form = "limited" if any(word in firm_words.LATIN_LEGAL and word != firm_words.LATIN_GROUP for word in words) else ""
    group = group or firm_words.LATIN_GROUP in words
    kept = [word for word in words if word not in firm_words.LATIN_LEGAL and word not in firm_words.LATIN_SMALL] or words
    places = regions.latin()
    joined: list[str] = []
    for word in kept:
        if word == "kong" and joined and joined[-1] == "hong":
            joined[-1] = "hongkong"
        else:
            joined.append(word)
    plain = [word for word in joined if word not in places]
    if plain:
        found |= {word for word in joined if word in places}
    core = "".join(plain or joined)
    return Name(core=core, regions=frozenset(found), brand=core, form=form, group=group, former=former, latin=True)


def split(name: str) -> tuple[str, frozenset[str]]:
    """(core, region words): region words are taken out of the core but kept for comparing."""
    found = parse(name)
    return found.core, found.regions


def core(name: str) -> str:
    """The name without legal form, brackets, spaces and leading region: 川仪自动化."""
    return parse(name).core


def same_region(one: str, other: str) -> bool:
    """Whether the region words of two names do not contradict each other."""
    mine, theirs = parse(one).regions, parse(other).regions
    return not mine or not theirs or regions.agree(mine, theirs)
