"""Calendar addresses, by the hash of their token, and what members of staff want by mail."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

SERVICE = "NULLIF(current_setting('casework.service', true), '')::uuid"
TABLES = ("calendar_link", "mail_choice")

# A calendar asks before any service is known. It is told whose it is only while both the account
# and its membership are active: a disabled member’s calendar dies with the next question.
FUNCTION = """
CREATE FUNCTION casework_calendar(token_hash bytea) RETURNS TABLE (service_id uuid, account_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT l.service_id, l.account_id
    FROM public.calendar_link l
    JOIN public.account a ON a.id = l.account_id AND a.is_active
    JOIN public.membership m
        ON m.service_id = l.service_id AND m.account_id = l.account_id AND m.is_active
    WHERE l.token_hash = $1
$$;
REVOKE ALL ON FUNCTION casework_calendar(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION casework_calendar(bytea) TO casework_app;
"""


def upgrade() -> None:
    op.create_table(
        "calendar_link",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        *_tenant_columns(),
        sa.ForeignKeyConstraint(
            ["service_id", "account_id"],
            ["membership.service_id", "membership.account_id"],
            name=op.f("fk_calendar_link_service_id_account_id"),
        ),
        sa.UniqueConstraint("token_hash", name=op.f("uq_calendar_link_token_hash")),
        *_tenant_constraints("calendar_link"),
    )
    op.create_table(
        "mail_choice",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("wants_call_backs", sa.Boolean(), nullable=False),
        sa.Column("wants_day", sa.Boolean(), nullable=False),
        sa.Column("wants_team", sa.Boolean(), nullable=False),
        sa.Column("day_begins", sa.Integer(), nullable=False),
        sa.Column("quiet_from", sa.Integer(), nullable=True),
        sa.Column("quiet_until", sa.Integer(), nullable=True),
        *_tenant_columns(),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_mail_choice_account_id")
        ),
        *_tenant_constraints("mail_choice"),
    )
    for table in TABLES:
        op.create_index(op.f(f"ix_{table}_service_id"), table, ["service_id"])
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY service_wall ON {table} USING (service_id = {SERVICE}) "
            f"WITH CHECK (service_id = {SERVICE})"
        )
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO casework_app")
        op.execute(f"GRANT SELECT ON {table} TO casework_reader")
    op.execute(FUNCTION)


def downgrade() -> None:
    op.execute("DROP FUNCTION casework_calendar(bytea)")
    for table in reversed(TABLES):
        op.drop_table(table)


def _tenant_columns() -> tuple[sa.Column, ...]:
    return (
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
    )


def _tenant_constraints(table: str) -> tuple[sa.Constraint, ...]:
    return (
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f(f"fk_{table}_service_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("service_id", "id", name=op.f(f"uq_{table}_service_id_id")),
        sa.UniqueConstraint(
            "service_id", "account_id", name=op.f(f"uq_{table}_service_id_account_id")
        ),
    )
