from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CollabConfig(AppConfig):
    name = "zhike.collab"
    verbose_name = _("Files and words")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from zhike.records import kept_files

        from . import in_fields

        kept_files.connect(in_fields.Files())
