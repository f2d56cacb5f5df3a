from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MasterdataConfig(AppConfig):
    name = "zhike.masterdata"
    verbose_name = _("Master data")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from zhike.records import options

        from . import dictionaries

        options.connect(dictionaries.labels)
