"""Stand-in until the index is written."""
from ..models.search import SearchEntry


def index_rows(kind, rows):
    SearchEntry.objects.bulk_create(
        [SearchEntry(kind=kind, row_id=r[0], names="\n".join(r[1]), codes="\n".join(r[2]), phones="\n".join(r[3])) for r in rows],
        update_conflicts=True, unique_fields=["kind", "row_id"], update_fields=["names", "codes", "phones"], batch_size=2000)


def remove_rows(kind, ids):
    SearchEntry.objects.filter(kind=kind, row_id__in=ids).delete()


def matching(kind, text, *, parts=("names", "codes", "phones")):
    return SearchEntry.objects.filter(kind=kind, names__contains=text).values("row_id")
