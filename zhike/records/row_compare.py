"""The comparison of a pair of columns with a pair of values, as an index over both is entered."""

from __future__ import annotations

from typing import Any

from django.db.models import BooleanField, Func


class RowCompare(Func):
    """``(a, b) < (x, y)``: enters a sort index at one place, however many rows share the value `x`."""

    output_field = BooleanField()
    conditional = True

    def __init__(self, *expressions: Any, op: str = "<", **extra: Any) -> None:
        super().__init__(*expressions, **extra)
        self.op = op

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        parts, params = [], []
        for expression in self.source_expressions:
            sql, values = compiler.compile(expression)
            parts.append(sql)
            params += values
        a, b, x, y = parts
        return f"({a}, {b}) {self.op} ({x}, {y})", params
