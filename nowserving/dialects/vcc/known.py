"""The places that tickets speak of, kept by the process that tells of many."""

from uuid import UUID

from nowserving.places.directory import Directory
from nowserving.store.store import Store

ORGANIZATIONS_AT_MOST = 1000


class Known:
    """The directories of organizations, read anew when they have changed."""

    def __init__(self) -> None:
        self._directories: dict[UUID, Directory] = {}

    async def directory(self, store: Store) -> Directory:
        """What the organization of a store is made of, as it is now."""
        kept = self._directories.get(store.organization_id)
        if kept is None or kept.version != await store.places.version():
            if len(self._directories) >= ORGANIZATIONS_AT_MOST:
                self._directories.clear()
            kept = self._directories[store.organization_id] = await store.places.directory()
        return kept
