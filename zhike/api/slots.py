"""What the API adds to the help page."""

from django.utils.translation import gettext_lazy as _

from zhike.pages.parts import Link
from zhike.pages.personal import help_links

help_links.add("api", Link(_("What programs may do here (API)"), "api-help"))
