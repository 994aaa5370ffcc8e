"""AI agents: what each one is.

Made from openapi/openapi.json by `make clients`. Do not edit: `make test` compares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from .._pages import AsyncPages, Pages
from .._sender import AsyncSender, Sender


class Agents:
    """AI agents: what each one is."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def list(
        self,
        *,
        name: str | Unset = UNSET,
        q: str | Unset = UNSET,
        tag: Sequence[str] | Unset = UNSET,
        status: models.AgentStatus | Unset = UNSET,
        created_after: datetime | Unset = UNSET,
        created_before: datetime | Unset = UNSET,
        order: models.AgentOrder | Unset = UNSET,
        page_size: int | Unset = UNSET,
        cursor: str | Unset = UNSET,
    ) -> Pages[models.Agent]:
        """List agents.

        Newest first unless `order` says otherwise. Filters combine with "and". A page has up to
        `page_size` items and ends earlier at 8 MiB; follow `next_cursor` until it is null.

        Args:
            name: Only the agent of exactly this name.
            q: Only agents with this text in their name, in upper or lower case. One or two characters must stand at
                its beginning, three or more may stand anywhere; `%` and `_` are plain characters.
            tag: Only agents with this tag. Repeat it to ask for agents that have all of the tags.
            status: Only agents of this status.
            created_after: Only agents created at this instant or later.
            created_before: Only agents created before this instant.
            order: The order of the list. Default: created_at_desc.
            page_size: The most items on a page. Default: 100.
            cursor: Where the page begins: the `next_cursor` of the page before, with the same filters and order.

        Raises, when it is iterated over:
            ApiError: 400, 401, 403, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET",
            "/agents",
            query={
                "name": name,
                "q": q,
                "tag": tag,
                "status": status,
                "created_after": created_after,
                "created_before": created_before,
                "order": order,
                "limit": page_size,
                "cursor": cursor,
            },
            safe=True,
        )
        return Pages(self._sender, call, models.AgentPage.from_dict)

    def create(
        self,
        *,
        name: str,
        id: UUID | str | None | Unset = UNSET,
        description: str | None | Unset = UNSET,
        status: models.AgentStatus | Unset = UNSET,
        model: str | None | Unset = UNSET,
        tags: Sequence[str] | Unset = UNSET,
        metadata: Mapping[str, object] | Unset = UNSET,
        idempotency_key: str | Unset = UNSET,
    ) -> models.Agent:
        """Create an agent.

        Send an `Idempotency-Key` to be able to resend the request safely.

        Args:
            name: Its name, unique among the tenant's agents that are not deleted; compared byte by byte.
            id: Its id; the server makes a UUIDv7 when absent or null.
            description: What it does, in words. Default: null.
            status: Whether it is in use. Default: active.
            model: The model that it runs on, such as `claude-opus-4-5`; free text. Default: null.
            tags: A set of words to find it by, each of 1 to 100 characters.
            metadata: Whatever else belongs to it; at most 64 KiB of compact JSON.
            idempotency_key: Any text of the client's choice. For 24 hours a request with the same key and the same
                body gets the first answer again; one with another body is refused with 422. Default: a new one.

        Raises:
            ApiError: 400, 401, 403, 408, 409, 413, 415, 422, 429, 500, 503, 504.
        """
        call = Call(
            "POST",
            "/agents",
            headers={"Idempotency-Key": key_or_new(idempotency_key), "Content-Type": "application/json"},
            content=json_body(
                {
                    "id": id,
                    "name": name,
                    "description": description,
                    "status": status,
                    "model": model,
                    "tags": tags,
                    "metadata": metadata,
                }
            ),
            safe=True,
        )
        return self._sender.request(call, models.Agent.from_dict)

    def get(
        self,
        agent_id: UUID | str,
        *,
        if_none_match: int | str | Unset = UNSET,
    ) -> models.Agent:
        """Get an agent.

        Send `If-None-Match` to get 304 instead of the agent while it is still the same.

        Args:
            agent_id: Id of the agent.
            if_none_match: Entity tags that the client has; when one is still current the answer is 304. A number
                stands for the `version` of what it is about.

        Raises:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET", path("/agents/{}", agent_id), headers={"If-None-Match": entity_tags(if_none_match)}, safe=True
        )
        return self._sender.request(call, models.Agent.from_dict)

    def update(
        self,
        agent_id: UUID | str,
        *,
        name: str,
        description: str | None | Unset = UNSET,
        status: models.AgentStatus | Unset = UNSET,
        model: str | None | Unset = UNSET,
        tags: Sequence[str] | Unset = UNSET,
        metadata: Mapping[str, object] | Unset = UNSET,
        if_match: int | str | Unset = UNSET,
    ) -> models.Agent:
        """Replace an agent.

        An optional field that is absent goes back to its default. Send `If-Match` so as not to
        overwrite what somebody else has changed meanwhile.

        Args:
            agent_id: Id of the agent.
            name: Its name, unique among the tenant's agents that are not deleted; compared byte by byte.
            description: What it does, in words. Default: null.
            status: Whether it is in use. Default: active.
            model: The model that it runs on, such as `claude-opus-4-5`; free text. Default: null.
            tags: A set of words to find it by, each of 1 to 100 characters.
            metadata: Whatever else belongs to it; at most 64 KiB of compact JSON.
            if_match: Entity tag that the agent must still have; else the answer is 412. A number stands for the
                `version` of what it is about.

        Raises:
            ApiError: 400, 401, 403, 404, 408, 409, 412, 413, 415, 422, 429, 500, 503, 504.
        """
        call = Call(
            "PUT",
            path("/agents/{}", agent_id),
            headers={"If-Match": entity_tags(if_match), "Content-Type": "application/json"},
            content=json_body(
                {
                    "name": name,
                    "description": description,
                    "status": status,
                    "model": model,
                    "tags": tags,
                    "metadata": metadata,
                }
            ),
            safe=True,
        )
        return self._sender.request(call, models.Agent.from_dict)

    def patch(
        self,
        agent_id: UUID | str,
        *,
        name: str | Unset = UNSET,
        description: str | None | Unset = UNSET,
        status: models.AgentStatus | None | Unset = UNSET,
        model: str | None | Unset = UNSET,
        tags: Sequence[str] | None | Unset = UNSET,
        metadata: Mapping[str, object] | None | Unset = UNSET,
        if_match: int | str | Unset = UNSET,
    ) -> models.Agent:
        """Change some fields of an agent.

        A JSON Merge Patch (RFC 7396): absent fields stay as they are, `null` clears, `metadata`
        merges member by member.

        Args:
            agent_id: Id of the agent.
            name: Its name, unique among the tenant's agents that are not deleted.
            description: What it does, in words; `null` removes it.
            status: Whether it is in use; `null` goes back to `active`.
            model: The model that it runs on; `null` removes it.
            tags: All of its tags; `null` removes them.
            metadata: Members to set, or with `null` to remove; `null` for the whole removes all.
            if_match: Entity tag that the agent must still have; else the answer is 412. A number stands for the
                `version` of what it is about.

        Raises:
            ApiError: 400, 401, 403, 404, 408, 409, 412, 413, 415, 422, 429, 500, 503, 504.
        """
        call = Call(
            "PATCH",
            path("/agents/{}", agent_id),
            headers={"If-Match": entity_tags(if_match), "Content-Type": "application/json"},
            content=json_body(
                {
                    "name": name,
                    "description": description,
                    "status": status,
                    "model": model,
                    "tags": tags,
                    "metadata": metadata,
                }
            ),
        )
        return self._sender.request(call, models.Agent.from_dict)

    def delete(
        self,
        agent_id: UUID | str,
        *,
        if_match: int | str | Unset = UNSET,
    ) -> None:
        """Delete an agent.

        The agent and all that belongs to it is gone when the answer arrives, and its name is free
        again. The space is given back later, in small steps.

        Args:
            agent_id: Id of the agent.
            if_match: Entity tag that the agent must still have; else the answer is 412. A number stands for the
                `version` of what it is about.

        Raises:
            ApiError: 400, 401, 403, 404, 412, 422, 429, 500, 503, 504.
        """
        call = Call("DELETE", path("/agents/{}", agent_id), headers={"If-Match": entity_tags(if_match)}, safe=True)
        self._sender.request_nothing(call)


class AsyncAgents:
    """AI agents: what each one is."""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender

    def list(
        self,
        *,
        name: str | Unset = UNSET,
        q: str | Unset = UNSET,
        tag: Sequence[str] | Unset = UNSET,
        status: models.AgentStatus | Unset = UNSET,
        created_after: datetime | Unset = UNSET,
        created_before: datetime | Unset = UNSET,
        order: models.AgentOrder | Unset = UNSET,
        page_size: int | Unset = UNSET,
        cursor: str | Unset = UNSET,
    ) -> AsyncPages[models.Agent]:
        """List agents.

        Newest first unless `order` says otherwise. Filters combine with "and". A page has up to
        `page_size` items and ends earlier at 8 MiB; follow `next_cursor` until it is null.

        Args:
            name: Only the agent of exactly this name.
            q: Only agents with this text in their name, in upper or lower case. One or two characters must stand at
                its beginning, three or more may stand anywhere; `%` and `_` are plain characters.
            tag: Only agents with this tag. Repeat it to ask for agents that have all of the tags.
            status: Only agents of this status.
            created_after: Only agents created at this instant or later.
            created_before: Only agents created before this instant.
            order: The order of the list. Default: created_at_desc.
            page_size: The most items on a page. Default: 100.
            cursor: Where the page begins: the `next_cursor` of the page before, with the same filters and order.

        Raises, when it is iterated over:
            ApiError: 400, 401, 403, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET",
            "/agents",
            query={
                "name": name,
                "q": q,
                "tag": tag,
                "status": status,
                "created_after": created_after,
                "created_before": created_before,
                "order": order,
                "limit": page_size,
                "cursor": cursor,
            },
            safe=True,
        )
        return AsyncPages(self._sender, call, models.AgentPage.from_dict)

    async def create(
        self,
        *,
        name: str,
        id: UUID | str | None | Unset = UNSET,
        description: str | None | Unset = UNSET,
        status: models.AgentStatus | Unset = UNSET,
        model: str | None | Unset = UNSET,
        tags: Sequence[str] | Unset = UNSET,
        metadata: Mapping[str, object] | Unset = UNSET,
        idempotency_key: str | Unset = UNSET,
    ) -> models.Agent:
        """Create an agent.

        Send an `Idempotency-Key` to be able to resend the request safely.

        Args:
            name: Its name, unique among the tenant's agents that are not deleted; compared byte by byte.
            id: Its id; the server makes a UUIDv7 when absent or null.
            description: What it does, in words. Default: null.
            status: Whether it is in use. Default: active.
            model: The model that it runs on, such as `claude-opus-4-5`; free text. Default: null.
            tags: A set of words to find it by, each of 1 to 100 characters.
            metadata: Whatever else belongs to it; at most 64 KiB of compact JSON.
            idempotency_key: Any text of the client's choice. For 24 hours a request with the same key and the same
                body gets the first answer again; one with another body is refused with 422. Default: a new one.

        Raises:
            ApiError: 400, 401, 403, 408, 409, 413, 415, 422, 429, 500, 503, 504.
        """
        call = Call(
            "POST",
            "/agents",
            headers={"Idempotency-Key": key_or_new(idempotency_key), "Content-Type": "application/json"},
            content=json_body(
                {
                    "id": id,
                    "name": name,
                    "description": description,
                    "status": status,
                    "model": model,
                    "tags": tags,
                    "metadata": metadata,
                }
            ),
            safe=True,
        )
        return await self._sender.request(call, models.Agent.from_dict)

    async def get(
        self,
        agent_id: UUID | str,
        *,
        if_none_match: int | str | Unset = UNSET,
    ) -> models.Agent:
        """Get an agent.

        Send `If-None-Match` to get 304 instead of the agent while it is still the same.

        Args:
            agent_id: Id of the agent.
            if_none_match: Entity tags that the client has; when one is still current the answer is 304. A number
                stands for the `version` of what it is about.

        Raises:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET", path("/agents/{}", agent_id), headers={"If-None-Match": entity_tags(if_none_match)}, safe=True
        )
        return await self._sender.request(call, models.Agent.from_dict)

    async def update(
        self,
        agent_id: UUID | str,
        *,
        name: str,
        description: str | None | Unset = UNSET,
        status: models.AgentStatus | Unset = UNSET,
        model: str | None | Unset = UNSET,
        tags: Sequence[str] | Unset = UNSET,
        metadata: Mapping[str, object] | Unset = UNSET,
        if_match: int | str | Unset = UNSET,
    ) -> models.Agent:
        """Replace an agent.

        An optional field that is absent goes back to its default. Send `If-Match` so as not to
        overwrite what somebody else has changed meanwhile.

        Args:
            agent_id: Id of the agent.
            name: Its name, unique among the tenant's agents that are not deleted; compared byte by byte.
            description: What it does, in words. Default: null.
            status: Whether it is in use. Default: active.
            model: The model that it runs on, such as `claude-opus-4-5`; free text. Default: null.
            tags: A set of words to find it by, each of 1 to 100 characters.
            metadata: Whatever else belongs to it; at most 64 KiB of compact JSON.
            if_match: Entity tag that the agent must still have; else the answer is 412. A number stands for the
                `version` of what it is about.

        Raises:
            ApiError: 400, 401, 403, 404, 408, 409, 412, 413, 415, 422, 429, 500, 503, 504.
        """
        call = Call(
            "PUT",
            path("/agents/{}", agent_id),
            headers={"If-Match": entity_tags(if_match), "Content-Type": "application/json"},
            content=json_body(
                {
                    "name": name,
                    "description": description,
                    "status": status,
                    "model": model,
                    "tags": tags,
                    "metadata": metadata,
                }
            ),
            safe=True,
        )
        return await self._sender.request(call, models.Agent.from_dict)

    async def patch(
        self,
        agent_id: UUID | str,
        *,
        name: str | Unset = UNSET,
        description: str | None | Unset = UNSET,
        status: models.AgentStatus | None | Unset = UNSET,
        model: str | None | Unset = UNSET,
        tags: Sequence[str] | None | Unset = UNSET,
        metadata: Mapping[str, object] | None | Unset = UNSET,
        if_match: int | str | Unset = UNSET,
    ) -> models.Agent:
        """Change some fields of an agent.

        A JSON Merge Patch (RFC 7396): absent fields stay as they are, `null` clears, `metadata`
        merges member by member.

        Args:
            agent_id: Id of the agent.
            name: Its name, unique among the tenant's agents that are not deleted.
            description: What it does, in words; `null` removes it.
            status: Whether it is in use; `null` goes back to `active`.
            model: The model that it runs on; `null` removes it.
            tags: All of its tags; `null` removes them.
            metadata: Members to set, or with `null` to remove; `null` for the whole removes all.
            if_match: Entity tag that the agent must still have; else the answer is 412. A number stands for the
                `version` of what it is about.

        Raises:
            ApiError: 400, 401, 403, 404, 408, 409, 412, 413, 415, 422, 429, 500, 503, 504.
        """
        call = Call(
            "PATCH",
            path("/agents/{}", agent_id),
            headers={"If-Match": entity_tags(if_match), "Content-Type": "application/json"},
            content=json_body(
                {
                    "name": name,
                    "description": description,
                    "status": status,
                    "model": model,
                    "tags": tags,
                    "metadata": metadata,
                }
            ),
        )
        return await self._sender.request(call, models.Agent.from_dict)

    async def delete(
        self,
        agent_id: UUID | str,
        *,
        if_match: int | str | Unset = UNSET,
    ) -> None:
        """Delete an agent.

        The agent and all that belongs to it is gone when the answer arrives, and its name is free
        again. The space is given back later, in small steps.

        Args:
            agent_id: Id of the agent.
            if_match: Entity tag that the agent must still have; else the answer is 412. A number stands for the
                `version` of what it is about.

        Raises:
            ApiError: 400, 401, 403, 404, 412, 422, 429, 500, 503, 504.
        """
        call = Call("DELETE", path("/agents/{}", agent_id), headers={"If-Match": entity_tags(if_match)}, safe=True)
        await self._sender.request_nothing(call)
