"""What people do with customer care, and how leads become customers."""

from .care import (
    BY_HAND,
    SENT,
    add_care_day,
    change_rule,
    create_rules,
    finish_care,
    remove_care_day,
    reopen_care,
    send_again,
    send_care,
    set_contact_wish,
    set_customer_wish,
    skip_care,
)
from .converting import conversion_of, convert_as_it_is, convert_lead
from .undoing import HOURS, undo_conversion, undo_last_conversion, undoable

__all__ = [
    "BY_HAND",
    "HOURS",
    "SENT",
    "add_care_day",
    "change_rule",
    "conversion_of",
    "convert_as_it_is",
    "convert_lead",
    "create_rules",
    "finish_care",
    "remove_care_day",
    "reopen_care",
    "send_again",
    "send_care",
    "set_contact_wish",
    "set_customer_wish",
    "skip_care",
    "undo_conversion",
    "undo_last_conversion",
    "undoable",
]
