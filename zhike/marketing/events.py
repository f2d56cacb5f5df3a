"""News of marketing."""

from zhike.base.events import Event

care_rules_set = Event("marketing.care_rules_set", doc="Rules of customer care were made or changed; what they ask for is planned at once.")
