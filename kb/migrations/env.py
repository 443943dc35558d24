"""How Alembic runs: on the connection that `kb.migrations.steps` opened."""

from alembic import context

from kb.migrations.steps import METADATA, render_item

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_item=render_item,
)
with context.begin_transaction():
    context.run_migrations()
