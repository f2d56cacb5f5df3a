from zhike.pages import menus

from . import actions

menus.unread.add("messages", actions.unread)
