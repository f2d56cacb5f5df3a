"""The search index: FTS5 over the token columns on SQLite, stored vectors with GIN on PostgreSQL."""

from django.db import migrations

SQLITE = [
    """CREATE VIRTUAL TABLE records_search_fts USING fts5(
        grams, codes, phones, content='records_searchentry', content_rowid='id', tokenize='ascii')""",
    """CREATE TRIGGER records_search_ai AFTER INSERT ON records_searchentry BEGIN
        INSERT INTO records_search_fts(rowid, grams, codes, phones) VALUES (new.id, new.grams, new.codes, new.phones);
    END""",
    """CREATE TRIGGER records_search_ad AFTER DELETE ON records_searchentry BEGIN
        INSERT INTO records_search_fts(records_search_fts, rowid, grams, codes, phones)
        VALUES ('delete', old.id, old.grams, old.codes, old.phones);
    END""",
    """CREATE TRIGGER records_search_au AFTER UPDATE ON records_searchentry BEGIN
        INSERT INTO records_search_fts(records_search_fts, rowid, grams, codes, phones)
        VALUES ('delete', old.id, old.grams, old.codes, old.phones);
        INSERT INTO records_search_fts(rowid, grams, codes, phones) VALUES (new.id, new.grams, new.codes, new.phones);
    END""",
]
POSTGRESQL = [
    """ALTER TABLE records_searchentry
        ADD COLUMN grams_v tsvector GENERATED ALWAYS AS (to_tsvector('simple', grams)) STORED,
        ADD COLUMN codes_v tsvector GENERATED ALWAYS AS (to_tsvector('simple', codes)) STORED,
        ADD COLUMN phones_v tsvector GENERATED ALWAYS AS (to_tsvector('simple', phones)) STORED""",
    "CREATE INDEX records_search_grams ON records_searchentry USING gin (grams_v)",
    "CREATE INDEX records_search_codes ON records_searchentry USING gin (codes_v)",
    "CREATE INDEX records_search_phones ON records_searchentry USING gin (phones_v)",
]


def build(apps, schema_editor):
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for name in ("ai", "ad", "au"):
            schema_editor.execute(f"DROP TRIGGER records_search_{name}")
        schema_editor.execute("DROP TABLE records_search_fts")
    else:
        schema_editor.execute(
            "ALTER TABLE records_searchentry DROP COLUMN grams_v, DROP COLUMN codes_v, DROP COLUMN phones_v"
        )


class Migration(migrations.Migration):
    dependencies = [("records", "0001_initial")]
    operations = [migrations.RunPython(build, drop)]
