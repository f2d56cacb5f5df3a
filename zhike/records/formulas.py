"""Formulas of custom fields: numbers, fields of the same record, + - * / and brackets."""

from __future__ import annotations

import ast
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import Any

from django.utils.translation import gettext as _

from zhike.base.refused import Refused

MAX_NODES = 60
_PLACES = Decimal("0.000001")
_TWO: dict[type, Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: lambda a, b: a + b, ast.Sub: lambda a, b: a - b, ast.Mult: lambda a, b: a * b, ast.Div: lambda a, b: a / b,
}

_ALLOWED = (ast.BinOp, ast.UnaryOp, ast.USub, ast.UAdd, ast.Load, *_TWO)


def parse(text: str) -> tuple[ast.expr, set[str]]:
    """The formula as a tree and the names it uses. Raises `Refused` for anything but arithmetic."""
    wrong = Refused(_("A formula has numbers, field codes, + - * / and brackets, such as amount * 0.13."), field="formula")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise wrong from None
    names: set[str] = set()
    nodes = list(ast.walk(tree))
    if len(nodes) > MAX_NODES:
        raise wrong
    for node in nodes:
        if isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.Constant):
            if isinstance(node.value, bool) or not isinstance(node.value, int | float):
                raise wrong
        elif not isinstance(node, _ALLOWED):
            raise wrong
    return tree, names


def work_out(text: str, value: Callable[[str], Any]) -> Decimal | None:
    """The result with six places, half up; None while a field is empty or the result is no number."""
    tree, names = parse(text)
    known: dict[str, Decimal] = {}
    for name in names:
        found = value(name)
        if found is None or found == "":
            return None
        known[name] = Decimal(found)
    try:
        result = _run(tree, known, text)
        return result.quantize(_PLACES, rounding=ROUND_HALF_UP) if abs(result) < 10**12 else None
    except (DivisionByZero, InvalidOperation, Overflow, ZeroDivisionError):
        return None


def _run(node: ast.expr, known: dict[str, Decimal], text: str) -> Decimal:
    if isinstance(node, ast.Name):
        return known[node.id]
    if isinstance(node, ast.Constant):
        # As it was written: 0.1 is a tenth.
        return Decimal(ast.get_source_segment(text.strip(), node) or "0")
    if isinstance(node, ast.UnaryOp):
        inner = _run(node.operand, known, text)
        return -inner if isinstance(node.op, ast.USub) else inner
    assert isinstance(node, ast.BinOp)
    return _TWO[type(node.op)](_run(node.left, known, text), _run(node.right, known, text))
