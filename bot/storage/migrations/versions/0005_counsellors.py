"""The counsellors' desk: accounts, one-time links, recovery codes, sessions, what was done, canned replies.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "counsellors",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("email", sa.String(255), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("organisation", sa.String(64)),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("demo", sa.Boolean, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("signed_in_at", TIME),
        sa.Column("password_hash", sa.String(255)),
        sa.Column("oidc_issuer", sa.String(255)),
        sa.Column("oidc_subject", sa.String(255)),
        sa.Column("totp_secret", sa.String(255)),
        sa.Column("totp_confirmed", sa.Boolean, nullable=False),
        sa.Column("totp_step", sa.Integer),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("locked_until", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_counsellors"),
        sa.UniqueConstraint("email", name="uq_counsellors_email"),
        sa.UniqueConstraint("oidc_issuer", "oidc_subject", name="uq_counsellors_oidc_issuer_oidc_subject"),
    )
    op.create_index("ix_counsellors_organisation", "counsellors", ["organisation"])
    op.create_table(
        "counsellor_links",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("counsellor_id", sa.Integer, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("used_at", TIME),
        sa.PrimaryKeyConstraint("token_hash", name="pk_counsellor_links"),
        _of_counsellor("counsellor_links", ondelete="CASCADE"),
    )
    op.create_index("ix_counsellor_links_counsellor_id", "counsellor_links", ["counsellor_id"])
    op.create_table(
        "recovery_codes",
        sa.Column("counsellor_id", sa.Integer, nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("used_at", TIME),
        sa.PrimaryKeyConstraint("counsellor_id", "code_hash", name="pk_recovery_codes"),
        _of_counsellor("recovery_codes", ondelete="CASCADE"),
    )
    op.create_table(
        "counsellor_sessions",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("counsellor_id", sa.Integer, nullable=False),
        sa.Column("csrf", sa.String(43), nullable=False),
        sa.Column("complete", sa.Boolean, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("used_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name="pk_counsellor_sessions"),
        _of_counsellor("counsellor_sessions", ondelete="CASCADE"),
    )
    op.create_index("ix_counsellor_sessions_counsellor_id", "counsellor_sessions", ["counsellor_id"])
    op.create_table(
        "desk_audit",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("counsellor_id", sa.Integer),
        sa.Column("organisation", sa.String(64)),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(64)),
        sa.PrimaryKeyConstraint("id", name="pk_desk_audit"),
        _of_counsellor("desk_audit"),
    )
    op.create_index("ix_desk_audit_organisation", "desk_audit", ["organisation"])
    op.create_table(
        "canned_replies",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("organisation", sa.String(64), nullable=False),
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_canned_replies"),
        sa.UniqueConstraint("organisation", "title", name="uq_canned_replies_organisation_title"),
    )
    op.create_index("ix_canned_replies_organisation", "canned_replies", ["organisation"])


def _of_counsellor(table: str, **options: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_counsellor_id_counsellors"
    return sa.ForeignKeyConstraint(["counsellor_id"], ["counsellors.id"], name=name, **options)
