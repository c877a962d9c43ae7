"""A digest over the sealed columns of each row, so that an older value put back is refused."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SERVICE = "NULLIF(current_setting('casework.service', true), '')::uuid"
# The tables that had sealed columns when this was written: the key's owner, and the columns ordered
# by their tags, which were the columns' names.
SEALED = {
    "person": """
        id access_needs area children_ages culture_faith email full_name handle pets phone safe_name
    """,
    "contact_plan": """
        person_id agreed_questions channel code_word cover_name dropped_call_rule is_caller_id_shown
        is_text_allowed phone_kind voicemail_rule voicemail_script who_may_answer windows
    """,
    "consent": "person_id named_partner",
    "case_note": "case_id body",
    "referral": "case_id answer_details partner request_details",
    "referral_event": "case_id actor",
}


def upgrade() -> None:
    op.create_table(
        "row_digest",
        sa.Column("row_id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("table_tag", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_row_digest_service_id")
        ),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_row_digest")),
    )
    op.create_index(op.f("ix_row_digest_owner_id"), "row_digest", ["owner_id"])
    for table, columns in SEALED.items():
        op.execute(_take_as_they_stand(table, *columns.split()))
    op.execute("ALTER TABLE row_digest ENABLE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY service_wall ON row_digest USING (service_id = {SERVICE}) "
        f"WITH CHECK (service_id = {SERVICE})"
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON row_digest TO casework_app")
    op.execute("GRANT SELECT ON row_digest TO casework_reader")


def downgrade() -> None:
    op.drop_index(op.f("ix_row_digest_owner_id"), table_name="row_digest")
    op.drop_table("row_digest")


def _take_as_they_stand(table: str, owner: str, *columns: str) -> str:
    """Give the statement that writes the digests of rows that are there already (docs/sealing.md)."""
    start = [_part("row-digest-1"), _part(table), r"'\x00000010'::bytea || uuid_send(id)"]
    parts = [f"{_part(name)} || {_cell(name)}" for name in columns]
    digest = " || ".join([*start, *parts])
    found = f"SELECT id, service_id, {owner}, '{table}', sha256({digest}) FROM {table}"  # noqa: S608 - all of it stands above
    return f"INSERT INTO row_digest (row_id, service_id, owner_id, table_tag, digest) {found}"


def _part(text: str) -> str:
    return f"'\\x{len(text):08x}{text.encode('ascii').hex()}'::bytea"


def _cell(name: str) -> str:
    """An empty column is one byte of zero; a full one is a one and the value, behind their length."""
    return (
        rf"CASE WHEN {name} IS NULL THEN '\x0000000100'::bytea "
        rf"ELSE int4send(octet_length({name}) + 1) || '\x01'::bytea || {name} END"
    )
