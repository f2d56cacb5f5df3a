"""Readings of Chinese names: for searching by letters and for sorting.

Readings come from the package pypinyin (phrases first, so 重庆 reads chong qing); the few surnames
that read otherwise as names follow 《通用规范汉字字典》 usage and are listed here.
"""

from __future__ import annotations

import functools
import itertools

SURNAMES = {
    "曾": "zeng", "单": "shan", "覃": "qin", "仇": "qiu", "解": "xie", "区": "ou", "查": "zha", "朴": "piao",
    "任": "ren", "华": "hua", "盖": "ge", "尉": "wei", "乐": "yue", "员": "yun", "缪": "miao", "翟": "zhai",
    "折": "she", "黑": "he", "秘": "bi", "冼": "xian", "洗": "xian", "繁": "po", "种": "chong", "逄": "pang",
}
LIMIT = 16


def load() -> None:
    """Read the dictionary: 50 MB and a quarter of a second, which only those pay who read names."""
    import pypinyin.seg.simpleseg  # noqa: F401


@functools.lru_cache(maxsize=50_000)
def _word(word: str) -> tuple[str, ...]:
    from pypinyin import lazy_pinyin

    return tuple(lazy_pinyin(word, errors=list))  # type: ignore[arg-type]


@functools.lru_cache(maxsize=20_000)
def _syllables(text: str) -> tuple[str, ...]:
    if not text:
        return ()
    from pypinyin.seg import simpleseg

    # The same cut into phrases as pypinyin makes, but each phrase is read once: names of firms are
    # built of few words, and an import of 100,000 spends most of its time here.
    return tuple(syllable for word in simpleseg.seg(text) for syllable in _word(word))


def full(text: str) -> str:
    """The whole reading in one word: "zhongqingchuanyi" for 重庆川仪 comes out as chongqingchuanyi."""
    return "".join(syllable for syllable in _syllables(text) if syllable.isalnum()).lower()


@functools.lru_cache(maxsize=20_000)
def _letters(character: str) -> tuple[str, ...]:
    from pypinyin import Style, pinyin

    found = pinyin(character, style=Style.NORMAL, heteronym=True, errors=list)  # type: ignore[arg-type]
    return tuple(dict.fromkeys(reading[0].lower() for reading in found[0] if reading and reading[0].isalnum()))


def initials(text: str, limit: int = LIMIT) -> list[str]:
    """First letters, the likely reading first, then the other readings of polyphones (`limit` at most)."""
    likely = abbreviation(text)
    choices = [_letters(character) or ("",) for character in text]
    found = [likely]
    if any(len(choice) > 1 for choice in choices):
        for combination in itertools.islice(itertools.product(*choices), LIMIT):
            letters = "".join(combination)
            if letters and letters not in found:
                found.append(letters)
                if len(found) >= limit:
                    break
    return found[:limit]


def abbreviation(text: str) -> str:
    """First letters of the likely reading, "cqcy" for 重庆川仪; Latin letters and digits as they are."""
    return "".join(syllable[0] for syllable in _syllables(text) if syllable and syllable[0].isalnum()).lower()


def sort_key(name: str, *, person: bool = False) -> str:
    """What names are sorted by: pinyin, then the characters themselves."""
    text = name.strip()
    if not text or text.isascii():
        return text.casefold()
    if person and text[0] in SURNAMES:
        return f"{SURNAMES[text[0]]} {' '.join(_syllables(text[1:]))} {text}".casefold()
    return f"{' '.join(_syllables(text))} {text}".casefold()
