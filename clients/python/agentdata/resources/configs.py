"""What agents are configured with: JSON values by key, with every version.

Made from openapi/openapi.json by `make clients`. Do not edit: `make test` compares."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from agentdata_client import models

from .._call import (
    UNSET,
    Call,
    Unset,
    entity_tags,
    json_body,
    key_or_new,
    path,
)
from .._events import AsyncEvents, Events
from .._pages import AsyncPages, Pages
from .._sender import AsyncSender, Sender


class Configs:
    """What agents are configured with: JSON values by key, with every version."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def list(
        self,
        agent_id: UUID | str,
        *,
        prefix: str | Unset = UNSET,
        page_size: int | Unset = UNSET,
        cursor: str | Unset = UNSET,
    ) -> Pages[models.Config]:
        """List configs.

        By key, without those that were deleted. The values of secrets are masked unless the token has
        the scope `configs:secrets`. A page has up to `page_size` items and ends earlier at 8 MiB; follow
        `next_cursor` until it is null.

        Args:
            agent_id: Id of the agent.
            prefix: Only configs whose key begins with this text.
            page_size: The most items on a page. Default: 100.
            cursor: Where the page begins: the `next_cursor` of the page before, with the same prefix.

        Raises, when it is iterated over:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET",
            path("/agents/{}/configs", agent_id),
            query={"prefix": prefix, "limit": page_size, "cursor": cursor},
            safe=True,
        )
        return Pages(self._sender, call, models.ConfigPage.from_dict)

    def set(
        self,
        agent_id: UUID | str,
        *,
        key: str,
        value: object,
        description: str | None | Unset = UNSET,
        schema: Mapping[str, object] | None | Unset = UNSET,
        secret: bool | None | Unset = UNSET,
        if_match: int | str | Unset = UNSET,
        if_none_match: int | str | Unset = UNSET,
        idempotency_key: str | Unset = UNSET,
    ) -> models.Config:
        """Set a config.

        Creates the config (201) or changes it (200). Each change makes a new version; the same content
        again makes none. What the request does not say (`description`, `schema`, `secret`) stays as it
        is. Send `If-Match` so as not to overwrite what somebody else has changed meanwhile, or
        `If-None-Match: *` to create only. Send an `Idempotency-Key` to be able to resend the request
        safely.

        Args:
            agent_id: Id of the agent.
            key: The key.
            value: Any JSON, null included; at most 256 KiB of compact JSON.
            description: What it is for, in words; null for nothing. Absent: as before.
            schema: A JSON Schema (2020-12) that this and later values must fit; null for none. Absent: as before.
                At most 64 KiB of compact JSON. It may refer to places in itself only (`"$ref": "#/$defs/port"`),
                and not in a circle.
            secret: Whether the value is to be encrypted in the database and shown to tokens with the scope
                `configs:secrets` only. Absent or null: as before, and false for a new key.
            if_match: Entity tag that the config must still have; else the answer is 412. A number stands for the
                `version` of what it is about.
            if_none_match: Entity tags that the config must not have; `*` when it must not be there. Else the answer
                is 412. A number stands for the `version` of what it is about.
            idempotency_key: Any text of the client's choice. For 24 hours a request with the same key and the same
                body gets the first answer again; one with another body is refused with 422. Default: a new one.

        Raises:
            ApiError: 400, 401, 403, 404, 408, 412, 413, 415, 422, 429, 500, 503, 504.
        """
        call = Call(
            "POST",
            path("/agents/{}/configs", agent_id),
            headers={
                "If-Match": entity_tags(if_match),
                "If-None-Match": entity_tags(if_none_match),
                "Idempotency-Key": key_or_new(idempotency_key),
                "Content-Type": "application/json",
            },
            content=json_body(
                {"key": key, "value": value, "description": description, "schema": schema, "secret": secret}
            ),
            safe=True,
        )
        return self._sender.request(call, models.Config.from_dict)

    def get(
        self,
        agent_id: UUID | str,
        key: str,
        *,
        version: int | Unset = UNSET,
        as_of: datetime | Unset = UNSET,
        if_none_match: int | str | Unset = UNSET,
    ) -> models.Config:
        """Get a config.

        As it is now, or was: `version` and `as_of` read old versions, of deleted configs too. The value
        of a secret is masked unless the token has the scope `configs:secrets`.

        Args:
            agent_id: Id of the agent.
            key: Key of the config.
            version: The number of the version to read. Default: the newest.
            as_of: The instant at which the version to read was the newest; not together with `version`.
            if_none_match: Entity tags that the client has; when one is still current the answer is 304. A number
                stands for the `version` of what it is about.

        Raises:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET",
            path("/agents/{}/configs/{}", agent_id, key),
            query={"version": version, "as_of": as_of},
            headers={"If-None-Match": entity_tags(if_none_match)},
            safe=True,
        )
        return self._sender.request(call, models.Config.from_dict)

    def delete(
        self,
        agent_id: UUID | str,
        key: str,
        *,
        if_match: int | str | Unset = UNSET,
    ) -> None:
        """Delete a config.

        It is gone for every reader when the answer arrives. Its versions stay: they can be read and
        restored, and the next version continues their numbers.

        Args:
            agent_id: Id of the agent.
            key: Key of the config.
            if_match: Entity tag that the config must still have; else the answer is 412. A number stands for the
                `version` of what it is about.

        Raises:
            ApiError: 400, 401, 403, 404, 412, 422, 429, 500, 503, 504.
        """
        call = Call(
            "DELETE",
            path("/agents/{}/configs/{}", agent_id, key),
            headers={"If-Match": entity_tags(if_match)},
            safe=True,
        )
        self._sender.request_nothing(call)

    def list_versions(
        self,
        agent_id: UUID | str,
        key: str,
        *,
        page_size: int | Unset = UNSET,
        cursor: str | Unset = UNSET,
    ) -> Pages[models.ConfigVersion]:
        """List the versions of a config.

        Newest first, those that deleted it included. The values of secrets are masked unless the token
        has the scope `configs:secrets`.

        Args:
            agent_id: Id of the agent.
            key: Key of the config.
            page_size: The most items on a page. Default: 100.
            cursor: Where the page begins: the `next_cursor` of the page before.

        Raises, when it is iterated over:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET",
            path("/agents/{}/configs/{}/versions", agent_id, key),
            query={"limit": page_size, "cursor": cursor},
            safe=True,
        )
        return Pages(self._sender, call, models.ConfigVersionPage.from_dict)

    def restore(
        self,
        agent_id: UUID | str,
        key: str,
        *,
        version: int,
        if_match: int | str | Unset = UNSET,
    ) -> models.Config:
        """Restore an old version of a config.

        Makes a new version with the value, the description, the schema and the secrecy of the old one,
        of a deleted config too.

        Args:
            agent_id: Id of the agent.
            key: Key of the config.
            version: The number of the version.
            if_match: Entity tag that the config must still have; else the answer is 412. A number stands for the
                `version` of what it is about.

        Raises:
            ApiError: 400, 401, 403, 404, 408, 412, 413, 415, 422, 429, 500, 503, 504.
        """
        call = Call(
            "POST",
            path("/agents/{}/configs/{}/restore", agent_id, key),
            headers={"If-Match": entity_tags(if_match), "Content-Type": "application/json"},
            content=json_body({"version": version}),
        )
        return self._sender.request(call, models.Config.from_dict)

    def watch(
        self,
        agent_id: UUID | str,
        *,
        after: int | Unset = UNSET,
        last_event_id: int | str | Unset = UNSET,
    ) -> Events[models.ConfigChange]:
        """Watch an agent's configs.

        Server-sent events, one for each change, in order and without gaps, whichever server made it.
        An event's id is the number of the change; a client that reconnects with `Last-Event-ID`, as
        browsers do by themselves, or with `after`, gets all that it missed. Without either the stream
        begins with what comes next. A comment every 15 seconds keeps the connection alive. The stream
        ends with an event `end`, whose `reason` is `token_expired`, `token_revoked`, `stopping` (the server),
        `agent_deleted` or `too_slow` (the client took nothing for 30 seconds). At 1,000 streams a
        server answers 503.

        Args:
            agent_id: Id of the agent.
            after: The number of the change behind which the stream begins, 0 for all changes there ever were;
                `Last-Event-ID` wins over it.
            last_event_id: The id of the last event that the client has seen.

        Raises, when it is iterated over:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET",
            path("/agents/{}/config-changes", agent_id),
            query={"after": after},
            headers={"Last-Event-ID": last_event_id, "Accept": "text/event-stream", "Accept-Encoding": "identity"},
            safe=True,
        )
        return Events(self._sender, call, models.ConfigChange.from_dict)


class AsyncConfigs:
    """What agents are configured with: JSON values by key, with every version."""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender

    def list(
        self,
        agent_id: UUID | str,
        *,
        prefix: str | Unset = UNSET,
        page_size: int | Unset = UNSET,
        cursor: str | Unset = UNSET,
    ) -> AsyncPages[models.Config]:
        """List configs.

        By key, without those that were deleted. The values of secrets are masked unless the token has
        the scope `configs:secrets`. A page has up to `page_size` items and ends earlier at 8 MiB; follow
        `next_cursor` until it is null.

        Args:
            agent_id: Id of the agent.
            prefix: Only configs whose key begins with this text.
            page_size: The most items on a page. Default: 100.
            cursor: Where the page begins: the `next_cursor` of the page before, with the same prefix.

        Raises, when it is iterated over:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET",
            path("/agents/{}/configs", agent_id),
            query={"prefix": prefix, "limit": page_size, "cursor": cursor},
            safe=True,
        )
        return AsyncPages(self._sender, call, models.ConfigPage.from_dict)

    async def set(
        self,
        agent_id: UUID | str,
        *,
        key: str,
        value: object,
        description: str | None | Unset = UNSET,
        schema: Mapping[str, object] | None | Unset = UNSET,
        secret: bool | None | Unset = UNSET,
        if_match: int | str | Unset = UNSET,
        if_none_match: int | str | Unset = UNSET,
        idempotency_key: str | Unset = UNSET,
    ) -> models.Config:
        """Set a config.

        Creates the config (201) or changes it (200). Each change makes a new version; the same content
        again makes none. What the request does not say (`description`, `schema`, `secret`) stays as it
        is. Send `If-Match` so as not to overwrite what somebody else has changed meanwhile, or
        `If-None-Match: *` to create only. Send an `Idempotency-Key` to be able to resend the request
        safely.

        Args:
            agent_id: Id of the agent.
            key: The key.
            value: Any JSON, null included; at most 256 KiB of compact JSON.
            description: What it is for, in words; null for nothing. Absent: as before.
            schema: A JSON Schema (2020-12) that this and later values must fit; null for none. Absent: as before.
                At most 64 KiB of compact JSON. It may refer to places in itself only (`"$ref": "#/$defs/port"`),
                and not in a circle.
            secret: Whether the value is to be encrypted in the database and shown to tokens with the scope
                `configs:secrets` only. Absent or null: as before, and false for a new key.
            if_match: Entity tag that the config must still have; else the answer is 412. A number stands for the
                `version` of what it is about.
            if_none_match: Entity tags that the config must not have; `*` when it must not be there. Else the answer
                is 412. A number stands for the `version` of what it is about.
            idempotency_key: Any text of the client's choice. For 24 hours a request with the same key and the same
                body gets the first answer again; one with another body is refused with 422. Default: a new one.

        Raises:
            ApiError: 400, 401, 403, 404, 408, 412, 413, 415, 422, 429, 500, 503, 504.
        """
        call = Call(
            "POST",
            path("/agents/{}/configs", agent_id),
            headers={
                "If-Match": entity_tags(if_match),
                "If-None-Match": entity_tags(if_none_match),
                "Idempotency-Key": key_or_new(idempotency_key),
                "Content-Type": "application/json",
            },
            content=json_body(
                {"key": key, "value": value, "description": description, "schema": schema, "secret": secret}
            ),
            safe=True,
        )
        return await self._sender.request(call, models.Config.from_dict)

    async def get(
        self,
        agent_id: UUID | str,
        key: str,
        *,
        version: int | Unset = UNSET,
        as_of: datetime | Unset = UNSET,
        if_none_match: int | str | Unset = UNSET,
    ) -> models.Config:
        """Get a config.

        As it is now, or was: `version` and `as_of` read old versions, of deleted configs too. The value
        of a secret is masked unless the token has the scope `configs:secrets`.

        Args:
            agent_id: Id of the agent.
            key: Key of the config.
            version: The number of the version to read. Default: the newest.
            as_of: The instant at which the version to read was the newest; not together with `version`.
            if_none_match: Entity tags that the client has; when one is still current the answer is 304. A number
                stands for the `version` of what it is about.

        Raises:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET",
            path("/agents/{}/configs/{}", agent_id, key),
            query={"version": version, "as_of": as_of},
            headers={"If-None-Match": entity_tags(if_none_match)},
            safe=True,
        )
        return await self._sender.request(call, models.Config.from_dict)

    async def delete(
        self,
        agent_id: UUID | str,
        key: str,
        *,
        if_match: int | str | Unset = UNSET,
    ) -> None:
        """Delete a config.

        It is gone for every reader when the answer arrives. Its versions stay: they can be read and
        restored, and the next version continues their numbers.

        Args:
            agent_id: Id of the agent.
            key: Key of the config.
            if_match: Entity tag that the config must still have; else the answer is 412. A number stands for the
                `version` of what it is about.

        Raises:
            ApiError: 400, 401, 403, 404, 412, 422, 429, 500, 503, 504.
        """
        call = Call(
            "DELETE",
            path("/agents/{}/configs/{}", agent_id, key),
            headers={"If-Match": entity_tags(if_match)},
            safe=True,
        )
        await self._sender.request_nothing(call)

    def list_versions(
        self,
        agent_id: UUID | str,
        key: str,
        *,
        page_size: int | Unset = UNSET,
        cursor: str | Unset = UNSET,
    ) -> AsyncPages[models.ConfigVersion]:
        """List the versions of a config.

        Newest first, those that deleted it included. The values of secrets are masked unless the token
        has the scope `configs:secrets`.

        Args:
            agent_id: Id of the agent.
            key: Key of the config.
            page_size: The most items on a page. Default: 100.
            cursor: Where the page begins: the `next_cursor` of the page before.

        Raises, when it is iterated over:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET",
            path("/agents/{}/configs/{}/versions", agent_id, key),
            query={"limit": page_size, "cursor": cursor},
            safe=True,
        )
        return AsyncPages(self._sender, call, models.ConfigVersionPage.from_dict)

    async def restore(
        self,
        agent_id: UUID | str,
        key: str,
        *,
        version: int,
        if_match: int | str | Unset = UNSET,
    ) -> models.Config:
        """Restore an old version of a config.

        Makes a new version with the value, the description, the schema and the secrecy of the old one,
        of a deleted config too.

        Args:
            agent_id: Id of the agent.
            key: Key of the config.
            version: The number of the version.
            if_match: Entity tag that the config must still have; else the answer is 412. A number stands for the
                `version` of what it is about.

        Raises:
            ApiError: 400, 401, 403, 404, 408, 412, 413, 415, 422, 429, 500, 503, 504.
        """
        call = Call(
            "POST",
            path("/agents/{}/configs/{}/restore", agent_id, key),
            headers={"If-Match": entity_tags(if_match), "Content-Type": "application/json"},
            content=json_body({"version": version}),
        )
        return await self._sender.request(call, models.Config.from_dict)

    def watch(
        self,
        agent_id: UUID | str,
        *,
        after: int | Unset = UNSET,
        last_event_id: int | str | Unset = UNSET,
    ) -> AsyncEvents[models.ConfigChange]:
        """Watch an agent's configs.

        Server-sent events, one for each change, in order and without gaps, whichever server made it.
        An event's id is the number of the change; a client that reconnects with `Last-Event-ID`, as
        browsers do by themselves, or with `after`, gets all that it missed. Without either the stream
        begins with what comes next. A comment every 15 seconds keeps the connection alive. The stream
        ends with an event `end`, whose `reason` is `token_expired`, `token_revoked`, `stopping` (the server),
        `agent_deleted` or `too_slow` (the client took nothing for 30 seconds). At 1,000 streams a
        server answers 503.

        Args:
            agent_id: Id of the agent.
            after: The number of the change behind which the stream begins, 0 for all changes there ever were;
                `Last-Event-ID` wins over it.
            last_event_id: The id of the last event that the client has seen.

        Raises, when it is iterated over:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET",
            path("/agents/{}/config-changes", agent_id),
            query={"after": after},
            headers={"Last-Event-ID": last_event_id, "Accept": "text/event-stream", "Accept-Encoding": "identity"},
            safe=True,
        )
        return AsyncEvents(self._sender, call, models.ConfigChange.from_dict)
