"""Settings of Zhike, all from the environment; without any it is a SQLite system in ./data.

ZHIKE_DATA           data directory: db.sqlite3, media/, secret.key (default ./data)
DATABASE_URL         postgres://... instead of SQLite
ZHIKE_SECRET_KEY     signing key; else DATA/secret.key
ZHIKE_ALLOWED_HOSTS  host names to answer to, separated by commas (loopback always)
ZHIKE_HTTPS          1 behind a proxy that speaks HTTPS: secure cookies, HSTS
ZHIKE_DEMO           1 offers one-click sign-in; `zhike serve` refuses it off loopback
ZHIKE_MAIL_URL       smtp://user:password@host:587; without it no mail is sent
ZHIKE_LOG_FORMAT     json (default) or text
ZHIKE_DEBUG          1 shows tracebacks, for developers only
"""

from __future__ import annotations

import os
from pathlib import Path

from .databases import database
from .environment import check, on
from .logs import logging_settings
from .mail import mail
from .secret import secret_key

check(os.environ)

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("ZHIKE_DATA") or "data").resolve()

SECRET_KEY = os.environ.get("ZHIKE_SECRET_KEY") or secret_key(DATA_DIR)
DEBUG = on(os.environ, "ZHIKE_DEBUG")
DEMO = on(os.environ, "ZHIKE_DEMO")
HTTPS = on(os.environ, "ZHIKE_HTTPS")

LOOPBACK_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
# The demo lets anyone in who reaches it: other names stay shut, so that a
# page elsewhere cannot reach it through a name that resolves to loopback.
ALLOWED_HOSTS = LOOPBACK_HOSTS + (
    []
    if DEMO
    else [host.strip() for host in os.environ.get("ZHIKE_ALLOWED_HOSTS", "").split(",") if host.strip()]
)

# In floor order, lowest first.
LOCAL_APPS = [
    "zhike.base",
    "zhike.org",
    "zhike.records",
    "zhike.pages",
    "zhike.people",
    "zhike.notices",
    "zhike.collab",
    "zhike.masterdata",
    "zhike.products",
    "zhike.customers",
    "zhike.leads",
    "zhike.opportunities",
    "zhike.activities",
    "zhike.marketing",
    "zhike.analytics",
    "zhike.workbench",
    "zhike.api",
]
INSTALLED_APPS = [
    *LOCAL_APPS,
    # No tables and no addresses: installed for their catalogues, which were not loaded otherwise.
    "zhike.config",
    "zhike.ops",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "axes",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "zhike.base.middleware.SecurityHeaders",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "zhike.config.logs.RequestLines",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "zhike.pages.middleware.PagesMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "zhike.config.urls"
WSGI_APPLICATION = "zhike.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "APP_DIRS": True,
        "OPTIONS": {"environment": "zhike.pages.jinja.environment"},
    }
]
FORM_RENDERER = "django.forms.renderers.Jinja2"

# Data
DATABASES = {"default": database(os.environ.get("DATABASE_URL", ""), DATA_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
MEDIA_ROOT = DATA_DIR / "media"
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
DATA_UPLOAD_MAX_NUMBER_FILES = 50
FILE_UPLOAD_HANDLERS = [
    "zhike.collab.uploads.CappedUploads",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

TASKS = {
    "default": {
        "BACKEND": "django_tasks_db.DatabaseBackend",
        # Empty: any queue name is taken.
        "QUEUES": [],
    }
}

# Who
AUTH_USER_MODEL = "org.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "zhike.org.backends.Colleagues",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
     "OPTIONS": {"user_attributes": ("username", "name", "email")}},
    {"NAME": "zhike.org.password_rules.LongEnough", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = LOGIN_URL

# Ten wrong passwords for one name from one address shut that pair for a
# quarter of an hour; the pair, so that a stranger cannot lock others out.
AXES_HANDLER = "axes.handlers.database.AxesDatabaseHandler"
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "zhike.config.lockout.locked_out"
AXES_CLIENT_IP_CALLABLE = "zhike.config.lockout.client_address"
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False
AXES_DISABLE_ACCESS_LOG = True


# Cookies and headers; the content policy itself is in zhike.base.middleware.
CSRF_FAILURE_VIEW = "zhike.pages.middleware.csrf_failure"
SESSION_COOKIE_NAME = "zhike_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_AGE = 14 * 24 * 3600
CSRF_COOKIE_NAME = "zhike_csrf"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_NAME = "zhike_language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS if host not in LOOPBACK_HOSTS]

# Language and time
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS: list[str] = []  # catalogues live with their apps
FORMAT_MODULE_PATH = ["zhike.config.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

# Static files: the build names each by its content, so a browser may keep it
# for ever; whitenoise serves them from the packages, nothing is collected.
STATIC_URL = "/static/"
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/zhike/dist/.+-[0-9A-Za-z]{8,}\.[a-z0-9]+$"
DIST_DIR = BASE_DIR / "pages" / "static" / "zhike" / "dist"

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SILENCED_SYSTEM_CHECKS = [
    "security.W004", "security.W008",  # HSTS and the redirect belong to the proxy that speaks HTTPS
    "security.W005", "security.W021",  # what a company's other hosts speak is not ours to promise
]

LOGGING = logging_settings(os.environ.get("ZHIKE_LOG_LEVEL", "INFO"), os.environ.get("ZHIKE_LOG_FORMAT", "json"))

# Mail: EMAIL_… and the sender
globals().update(mail(os.environ.get("ZHIKE_MAIL_URL", ""), os.environ.get("ZHIKE_MAIL_FROM", "")))
