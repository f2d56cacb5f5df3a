"""Pages of what administrators keep."""
