"""Messages, alert rules with what they found, personal wishes, and what waits to leave the house."""

from .alerts import AlertHit, AlertRule
from .messages import Message, Wishes
from .outbox import Outgoing

__all__ = ["AlertHit", "AlertRule", "Message", "Outgoing", "Wishes"]
