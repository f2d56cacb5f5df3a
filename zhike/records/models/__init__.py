from .custom import CustomField, CustomValue
from .favourites import Favourite
from .history import HistoryEntry, HistorySeal
from .jobs import Job, JobChunk, JobRefusal, ScheduledJob, WorkerSign
from .numbering import NumberCounter, NumberRule
from .once import OnceToken
from .owned import OwnedModel, OwnedQuerySet, VersionedModel
from .refs import ExternalKey
from .search import SearchEntry
from .team import TeamGrant
from .uploads import ImportMemory, ImportUpload
from .views import SavedView

__all__ = [
    "CustomField",
    "CustomValue",
    "ExternalKey",
    "Favourite",
    "HistoryEntry",
    "HistorySeal",
    "ImportMemory",
    "ImportUpload",
    "Job",
    "JobChunk",
    "JobRefusal",
    "NumberCounter",
    "NumberRule",
    "OnceToken",
    "OwnedModel",
    "OwnedQuerySet",
    "SavedView",
    "ScheduledJob",
    "SearchEntry",
    "TeamGrant",
    "VersionedModel",
    "WorkerSign",
]
