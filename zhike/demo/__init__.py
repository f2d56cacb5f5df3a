"""The demo company: made up, deterministic, and the same on every machine."""

from .company import load_demo

__all__ = ["load_demo"]
