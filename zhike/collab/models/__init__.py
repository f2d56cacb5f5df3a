from .comments import Comment
from .files import Attachment, Blob
from .groups import DiscussionGroup, GroupReading, GroupRecord
from .tags import Tag, TagLink
from .trash import TrashedRow

__all__ = ["Attachment", "Blob", "Comment", "DiscussionGroup", "GroupReading", "GroupRecord", "Tag", "TagLink", "TrashedRow"]
