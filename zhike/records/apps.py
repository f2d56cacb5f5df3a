from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class RecordsConfig(AppConfig):
    name = "zhike.records"
    verbose_name = _("Records")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from zhike.base import events

        from . import tasks
        from .imports.uploads import work  # noqa: F401  its jobs are known from the start

        events.connect_task_store(tasks.defer_follow_up)
        # Each app declares its kinds, its slots and its listeners in rooms of these names.
        autodiscover_modules("kinds")
        autodiscover_modules("slots", "listeners", "alerts", "imports", "jobs", "calls")
