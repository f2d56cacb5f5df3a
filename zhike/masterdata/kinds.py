from django.utils.translation import gettext_lazy as _

from zhike.records.kinds import Kind, SearchKeys

from .models import Region

region = Kind(
    name="region", model=Region, label=_("region"), plural=_("Regions"), slug="regions", icon="map-pin",
    api=["name", "full_name", "level", "parent"], filters=["level", "parent"], order="id",
    search=SearchKeys(names=("full_name",)), owned=False, pages=False, actions=("view",),
)
