"""Pages of administrators: users, departments and roles; and the pages of one's own account."""
