"""The database: pool, migrations, editions, named queries and typed functions that take a connection."""
