"""What the message centre adds to the shell."""

from django.utils.translation import gettext_lazy as _

from zhike.org.access import access_of
from zhike.pages import menus

from . import actions

menus.unread.add("messages", actions.unread)
menus.place("settings", "alerts", _("Alert rules"), "alert_rule-list", order=400, kind="alert_rule",
            allowed=lambda user: access_of(user).may("alert_rule", "edit"))
