"""Search tokens: character pairs of names, of their initials and of their pinyin.

A query is cut the same way and looked up as a phrase, which makes the answer the same as a plain
"contains" on the text, at the price of an index look-up.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Sequence

from . import pinyin

_WORDS = re.compile(r"[^\W_]+")
_LATIN = re.compile(r"[a-z0-9]+")


def fold(text: str) -> str:
    """Half-width, lower case, without spaces and punctuation: what is compared."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(_WORDS.findall(folded))


@functools.lru_cache(maxsize=100_000)
def _code(gram: str) -> str:
    # A token the databases' own word rules cannot cut: letters stay, everything else is hex.
    return gram if gram.isascii() and gram.isalnum() else "u" + gram.encode("utf-16-be").hex()


def pairs(folded: str) -> list[str]:
    """The tokens of a text in order: each character with its follower, the last one alone."""
    if not folded:
        return []
    if folded.isascii():
        return [*map(str.__add__, folded, folded[1:]), folded[-1] + "z9"]
    return [*map(_code, map(str.__add__, folded, folded[1:])), _code(folded[-1]) + "z9"]


def _joined(head: str, letters: str) -> str:
    return head + f" {head}".join(pairs(letters)) if letters else ""


# What tokens begin with: those of the text, of its initials, of its pinyin.
HEADS = ("", "i", "p")


def index_tokens(names: Sequence[str], heads: Sequence[str] = HEADS, longest: int = 80) -> str:
    """All tokens of some names: the names, then initials, then full pinyin, phrase by phrase.

    `heads` of their own keep the tokens of different fields apart in one index.
    """
    as_is, initial, spelt = heads
    parts: list[str] = []
    for name in names:
        folded = fold(name)[:longest]
        parts.append(_joined(as_is, folded))
        if not folded.isascii():
            for initials in pinyin.initials(folded[:80], 4):
                parts.append(_joined(initial, initials[:40]))
            parts.append(_joined(spelt, pinyin.full(folded[:80])[:60]))
    return " zsep ".join(part for part in parts if part)


def query_phrases(text: str, heads: Sequence[str] = HEADS) -> list[list[str]]:
    """The alternatives a query stands for, each a phrase of tokens; empty when nothing is left.

    A single character is a prefix: its token list has one entry that ends in "*".
    """
    folded = fold(text)[:40]
    if not folded:
        return []
    latin = _LATIN.fullmatch(folded) and not folded.isdigit()
    phrases = []
    for head in heads if latin else heads[:1]:
        if len(folded) == 1:
            phrases.append([f"{head}{folded if folded.isascii() else 'u' + folded.encode('utf-16-be').hex()}*"])
        else:
            phrases.append([head + _code(folded[i : i + 2]) for i in range(len(folded) - 1)])
    return phrases
