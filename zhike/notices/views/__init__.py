"""The message centre, and the rules of the alerts."""
