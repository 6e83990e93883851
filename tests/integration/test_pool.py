"""The pool, when those who asked for a connection have gone: browsers do, with every page that is left."""

from core.settings import read
from storage import pool


async def test_what_is_done_with_a_connection_is_one_transaction_however_it_came_back(database: str) -> None:
    """The pool's own check leaves a connection in autocommit mode, once in some thousand requests that are given up."""
    async with pool.open_pool(read({"KANHU_DATABASE_URL": database})) as connections:
        async with connections.connection() as stuck:
            await stuck.execute("CREATE TABLE told (number int)")
        async with connections.connection() as stuck:
            await stuck.rollback()
            await stuck.set_autocommit(True)
        for _ in range(10):
            async with connections.connection() as connection:
                assert not connection.autocommit
                await connection.execute("INSERT INTO told VALUES (1)")
                await connection.rollback()
        async with connections.connection() as connection:
            assert await (await connection.execute("SELECT number FROM told")).fetchall() == []
