"""The WSGI application, for gunicorn: zhike.config.wsgi:application."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhike.config.settings")

application = get_wsgi_application()
