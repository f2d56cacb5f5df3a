"""Pages of customer care."""
