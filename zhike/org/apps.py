from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrgConfig(AppConfig):
    name = "zhike.org"
    verbose_name = _("Organisation")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in, user_logged_out
        from django.db.models.signals import post_migrate

        from . import known, sessions

        user_logged_in.connect(sessions.note_sign_in, dispatch_uid="zhike.sessions.in")
        user_logged_out.connect(sessions.note_sign_out, dispatch_uid="zhike.sessions.out")
        post_migrate.connect(known.put_triggers, sender=self, dispatch_uid="zhike.set_up.triggers")
