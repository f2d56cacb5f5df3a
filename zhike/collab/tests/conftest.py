import pytest


@pytest.fixture
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture
def attach(sign_in, once, media):
    """`attach(row, upload, …, who="rep")` posts files the way the page does and gives the answer."""
    from zhike.records.registry import kind_of

    def post(row, *uploads, who="rep", client=None, **headers):
        client = client or sign_in(who)
        return client.post(f"/about/{kind_of(row).slug}/{row.pk}/attach/", {"files": list(uploads), "_once": once()}, headers=headers)

    return post


@pytest.fixture
def stored(media):
    """The names of all contents and leftovers on the disk."""

    def look():
        return sorted(path.name for path in media.rglob("*") if path.is_file()) if media.exists() else []

    return look
