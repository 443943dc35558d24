"""A random mark for each change, and one for the history, so that a restored one is told apart.

The changes that are there get marks that follow from them and from all that came before: the
same history gets the same marks wherever it is brought up, another one gets others.
"""

import hashlib
import secrets
from datetime import UTC

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

AT_ONCE = 1000
change = sa.table(
    "change",
    sa.column("number", sa.Integer),
    sa.column("event", sa.String),
    sa.column("kind", sa.String),
    sa.column("slug", sa.String),
    sa.column("changed_at", sa.DateTime(timezone=True)),
    sa.column("mark", sa.String),
)
counter = sa.table("change_counter", sa.column("epoch", sa.String))


def upgrade() -> None:
    with op.batch_alter_table("change") as table:
        table.add_column(sa.Column("mark", sa.String(length=16), nullable=True))
    with op.batch_alter_table("change_counter") as table:
        table.add_column(sa.Column("epoch", sa.String(length=16), nullable=True))
    connection = op.get_bind()
    connection.execute(counter.update().values(epoch=secrets.token_hex(8)))
    marks = _marks(connection)
    setting = change.update().where(change.c.number == sa.bindparam("of"))
    for start in range(0, len(marks), AT_ONCE):
        connection.execute(
            setting.values(mark=sa.bindparam("its_mark")), marks[start : start + AT_ONCE]
        )
    with op.batch_alter_table("change") as table:
        table.alter_column("mark", existing_type=sa.String(length=16), nullable=False)
    with op.batch_alter_table("change_counter") as table:
        table.alter_column("epoch", existing_type=sa.String(length=16), nullable=False)


def _marks(connection: sa.Connection) -> list[dict[str, object]]:
    """The mark of each change, which tells it and the one before it."""
    marks: list[dict[str, object]] = []
    mark = ""
    for row in connection.execute(
        sa.select(*(each for each in change.c if each.name != "mark")).order_by(change.c.number)
    ):
        at = row.changed_at.astimezone(UTC) if row.changed_at.tzinfo else row.changed_at
        moment = at.replace(tzinfo=None).isoformat(timespec="microseconds")
        told = f"{mark} {row.number} {row.event} {row.kind} {row.slug} {moment}"
        mark = hashlib.sha256(told.encode()).hexdigest()[:16]
        marks.append({"of": row.number, "its_mark": mark})
    return marks


def downgrade() -> None:
    with op.batch_alter_table("change_counter") as table:
        table.drop_column("epoch")
    with op.batch_alter_table("change") as table:
        table.drop_column("mark")
