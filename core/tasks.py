"""What asyncio's tasks need beyond the standard library."""

import asyncio


def cancelled() -> bool:
    """Whether the current task is to end.

    `asyncio.wait_for` of Python 3.11, which psycopg and its pool wait with, may lose the exception that says so
    (https://github.com/python/cpython/issues/86296); the count of cancellations stays.
    """
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
