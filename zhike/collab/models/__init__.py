from .files import Attachment, Blob

__all__ = ["Attachment", "Blob"]
