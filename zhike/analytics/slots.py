from django.utils.translation import gettext_lazy as _

from zhike.pages import menus

menus.place("analysis", "funnel", _("Sales funnel"), "report-funnel", order=200, kind="opportunity")
menus.place("analysis", "won", _("Won opportunities"), "report-won", order=300, kind="opportunity")
menus.place("analysis", "coverage", _("Contact coverage"), "report-coverage", order=350, kind="opportunity")
menus.place("analysis", "customers", _("Customers in figures"), "report-customers", order=450, kind="customer")
menus.place("analysis", "leads", _("What came of leads"), "report-leads", order=420, kind="lead")
menus.place("analysis", "lifecycle", _("Customer life cycle"), "report-lifecycle", order=400, kind="customer")
