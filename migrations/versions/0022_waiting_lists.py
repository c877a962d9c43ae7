"""Waiting lists: the rank that was said, who calls to keep the place, and the calls themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

SERVICE = "NULLIF(current_setting('casework.service', true), '')::uuid"


def upgrade() -> None:
    op.add_column("referral", sa.Column("list_rank", sa.Integer(), nullable=True))
    op.add_column("referral", sa.Column("rank_said_at", sa.DateTime(timezone=True), nullable=True))
    for name in ("call_every", "called_by"):
        op.add_column("referral", sa.Column(name, sa.String(length=40), nullable=True))
    op.add_column("referral_event", sa.Column("list_rank", sa.Integer(), nullable=True))
    op.create_table(
        "list_call",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("call_every", sa.String(length=40), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("latest_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("end_reason", sa.String(length=40), nullable=True),
        sa.Column("done_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_list_call_service_id")
        ),
        sa.ForeignKeyConstraint(["done_by"], ["account.id"], name=op.f("fk_list_call_done_by")),
        sa.ForeignKeyConstraint(
            ["service_id", "case_id"],
            ["case.service_id", "case.id"],
            name=op.f("fk_list_call_service_id_case_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["service_id", "referral_id"],
            ["referral.service_id", "referral.id"],
            name=op.f("fk_list_call_service_id_referral_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_call")),
        sa.UniqueConstraint("service_id", "id", name=op.f("uq_list_call_service_id_id")),
    )
    for column in ("service_id", "case_id", "referral_id"):
        op.create_index(op.f(f"ix_list_call_{column}"), "list_call", [column])
    op.create_index(
        "uq_list_call_planned",
        "list_call",
        ["referral_id"],
        unique=True,
        postgresql_where=sa.text("state = 'planned'"),
    )
    op.create_index(
        "ix_list_call_planned_case",
        "list_call",
        ["case_id", "due_at"],
        postgresql_where=sa.text("state = 'planned'"),
    )
    op.execute("ALTER TABLE list_call ENABLE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY service_wall ON list_call USING (service_id = {SERVICE}) "
        f"WITH CHECK (service_id = {SERVICE})"
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON list_call TO casework_app")
    op.execute("GRANT SELECT ON list_call TO casework_reader")


def downgrade() -> None:
    # Events that say “still on the waiting list” stay as they are: nothing that happened is unsaid.
    op.drop_table("list_call")
    op.drop_column("referral_event", "list_rank")
    for name in ("called_by", "call_every", "rank_said_at", "list_rank"):
        op.drop_column("referral", name)
