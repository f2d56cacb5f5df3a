"""Zhike (知客): customer relationship management for manufacturers."""

__version__ = "0.1.0"
