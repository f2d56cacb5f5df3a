"""The columns of the house: exact numbers and clean texts, the same on SQLite and PostgreSQL."""

from . import lookups as _lookups  # noqa: F401  registers the comparisons
from .exact import ExactField, ExchangeRate, Money, Percent, Price, Quantity, exact
from .forms import ExactFormField, PercentFormField, read_number
from .ordering import nulls_last
from .rounding import percent_of, round_half_up
from .texts import CleanCharField, CleanTextField, CodeField, PhoneField

__all__ = [
    "CleanCharField",
    "CleanTextField",
    "CodeField",
    "ExactField",
    "ExactFormField",
    "ExchangeRate",
    "Money",
    "Percent",
    "PercentFormField",
    "PhoneField",
    "Price",
    "Quantity",
    "exact",
    "nulls_last",
    "percent_of",
    "read_number",
    "round_half_up",
]
