from .comments import Comment
from .files import Attachment, Blob

__all__ = ["Attachment", "Blob", "Comment"]
