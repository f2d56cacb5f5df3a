"""The product's settings plus what only measuring needs: counted queries and the hand-written pages.

Nothing of it exists unless DJANGO_SETTINGS_MODULE names this module.
"""

from zhike.config.settings import *  # noqa: F403
from zhike.config.settings import INSTALLED_APPS, MIDDLEWARE

INSTALLED_APPS = [*INSTALLED_APPS, "zhike.bench"]
MIDDLEWARE = ["zhike.bench.middleware.Measure", *MIDDLEWARE]
ROOT_URLCONF = "zhike.bench.urls"
