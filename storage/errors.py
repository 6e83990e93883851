"""The database's errors, told apart by what to do about them. The one place that knows the driver's classes."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg_pool import PoolClosed, PoolTimeout


class StorageError(Exception):
    """The database did not do what was asked."""


class Unavailable(StorageError):
    """The database can't be reached or was shut down or ran out of something: the same may work later."""


class Refused(StorageError):
    """The database refused the rows themselves: the same will never work."""


class Duplicate(Refused):
    """A row that may be there once is there already."""


@contextmanager
def wrapped() -> Iterator[None]:
    """Raise the driver's errors as Unavailable, Duplicate, Refused or StorageError; leave all other errors alone."""
    try:
        yield
    except (PoolTimeout, PoolClosed) as error:
        raise Unavailable(f"no connection to the database: {error}") from error
    except psycopg.errors.UniqueViolation as error:
        raise Duplicate(str(error)) from error
    except (psycopg.DataError, psycopg.IntegrityError) as error:
        raise Refused(str(error)) from error
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        # Deadlock, serialisation, disk full, too many connections, admin shutdown are operational errors too.
        raise Unavailable(f"the database is not answering: {error}") from error
    except psycopg.Error as error:
        raise StorageError(str(error)) from error
