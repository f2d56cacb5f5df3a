"""News about the trash, for apps whose figures follow from the records in it."""

from zhike.base.events import Event

rows_trashed = Event("collab.rows_trashed", doc="Records of one kind were deleted; `rows` still hold their values, the table no longer does.")
rows_restored = Event("collab.rows_restored", doc="Deleted records of one kind are back in their table.")
