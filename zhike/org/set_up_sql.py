"""What the triggers of the watched tables call on PostgreSQL; alone here, because a restore makes it before Django is set up."""

# A dump of tables has their triggers, not what these call: a restore makes it first.
TELL = """CREATE OR REPLACE FUNCTION zhike_set_up_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO org_setupmark (id, value) VALUES (1, gen_random_uuid()::text)
    ON CONFLICT (id) DO UPDATE SET value = EXCLUDED.value;
    RETURN NULL; END $$"""
