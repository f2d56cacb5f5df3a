from .comments import Comment
from .files import Attachment, Blob
from .tags import Tag, TagLink
from .trash import TrashedRow

__all__ = ["Attachment", "Blob", "Comment", "Tag", "TagLink", "TrashedRow"]
