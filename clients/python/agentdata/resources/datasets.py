"""Datasets: what the embeddings in each have in common.

Made from openapi/openapi.json by `make clients`. Do not edit: `make test` compares."""

from __future__ import annotations

from collections.abc import Mapping
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


class Datasets:
    """Datasets: what the embeddings in each have in common."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def list(
        self,
        agent_id: UUID | str,
        *,
        name: str | Unset = UNSET,
        page_size: int | Unset = UNSET,
        cursor: str | Unset = UNSET,
    ) -> Pages[models.Dataset]:
        """List datasets.

        Newest first. A page has up to `page_size` items and ends earlier at 8 MiB; follow `next_cursor`
        until it is null.

        Args:
            agent_id: Id of the agent.
            name: Only the dataset of exactly this name.
            page_size: The most items on a page. Default: 100.
            cursor: Where the page begins: the `next_cursor` of the page before, with the same filter.

        Raises, when it is iterated over:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET",
            path("/agents/{}/datasets", agent_id),
            query={"name": name, "limit": page_size, "cursor": cursor},
            safe=True,
        )
        return Pages(self._sender, call, models.DatasetPage.from_dict)

    def create(
        self,
        agent_id: UUID | str,
        *,
        name: str,
        id: UUID | str | None | Unset = UNSET,
        description: str | None | Unset = UNSET,
        metadata: Mapping[str, object] | Unset = UNSET,
        dimension: int | None | Unset = UNSET,
        distance: models.Distance | Unset = UNSET,
        embedding_model: str | None | Unset = UNSET,
        language: models.Language | Unset = UNSET,
        idempotency_key: str | Unset = UNSET,
    ) -> models.Dataset:
        """Create a dataset.

        Send an `Idempotency-Key` to be able to resend the request safely.

        Args:
            agent_id: Id of the agent.
            name: Its name, unique among the agent's datasets that are not deleted; compared byte by byte.
            id: Its id; the server makes a UUIDv7 when absent or null.
            description: What is in it, in words. Default: null.
            metadata: Whatever else belongs to it; at most 64 KiB of compact JSON.
            dimension: Of how many numbers each of its embeddings is. Absent or null: the first embedding fixes it.
            distance: How far two of its embeddings are apart. Default: cosine.
            embedding_model: The model that makes its embeddings, such as `text-embedding-3-small`; free text.
                Default: null.
            language: The language of its texts, for searches by their words. Default: simple.
            idempotency_key: Any text of the client's choice. For 24 hours a request with the same key and the same
                body gets the first answer again; one with another body is refused with 422. Default: a new one.

        Raises:
            ApiError: 400, 401, 403, 404, 408, 409, 413, 415, 422, 429, 500, 503, 504.
        """
        call = Call(
            "POST",
            path("/agents/{}/datasets", agent_id),
            headers={"Idempotency-Key": key_or_new(idempotency_key), "Content-Type": "application/json"},
            content=json_body(
                {
                    "id": id,
                    "name": name,
                    "description": description,
                    "metadata": metadata,
                    "dimension": dimension,
                    "distance": distance,
                    "embedding_model": embedding_model,
                    "language": language,
                }
            ),
            safe=True,
        )
        return self._sender.request(call, models.Dataset.from_dict)

    def get(
        self,
        agent_id: UUID | str,
        dataset_id: UUID | str,
        *,
        if_none_match: int | str | Unset = UNSET,
    ) -> models.Dataset:
        """Get a dataset.

        With how many embeddings it has, and how far its index is.

        Args:
            agent_id: Id of the agent.
            dataset_id: Id of the dataset.
            if_none_match: Entity tags that the client has; when one is still current the answer is 304. A number
                stands for the `version` of what it is about.

        Raises:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET",
            path("/agents/{}/datasets/{}", agent_id, dataset_id),
            headers={"If-None-Match": entity_tags(if_none_match)},
            safe=True,
        )
        return self._sender.request(call, models.Dataset.from_dict)

    def update(
        self,
        agent_id: UUID | str,
        dataset_id: UUID | str,
        *,
        name: str,
        description: str | None | Unset = UNSET,
        metadata: Mapping[str, object] | Unset = UNSET,
        dimension: int | None | Unset = UNSET,
        distance: models.Distance | Unset = UNSET,
        embedding_model: str | None | Unset = UNSET,
        language: models.Language | Unset = UNSET,
        if_match: int | str | Unset = UNSET,
    ) -> models.Dataset:
        """Replace a dataset.

        An optional field that is absent goes back to its default. While the dataset has embeddings, or an
        index that is left of them for a minute at most, its `dimension` and `distance` cannot change: that
        is 409. Send `If-Match` so as not to overwrite
        what somebody else has changed meanwhile; embeddings that are written change the dataset too.

        Args:
            agent_id: Id of the agent.
            dataset_id: Id of the dataset.
            name: Its name, unique among the agent's datasets that are not deleted; compared byte by byte.
            description: What is in it, in words. Default: null.
            metadata: Whatever else belongs to it; at most 64 KiB of compact JSON.
            dimension: Of how many numbers each of its embeddings is. Absent or null: that of the embeddings that it
                has, or else the first one fixes it. It cannot change while there are embeddings.
            distance: How far two of its embeddings are apart. It cannot change while there are embeddings. Default:
                cosine.
            embedding_model: The model that makes its embeddings, such as `text-embedding-3-small`; free text.
                Default: null.
            language: The language of its texts, for searches by their words. Default: simple.
            if_match: Entity tag that the dataset must still have; else the answer is 412. A number stands for the
                `version` of what it is about.

        Raises:
            ApiError: 400, 401, 403, 404, 408, 409, 412, 413, 415, 422, 429, 500, 503, 504.
        """
        call = Call(
            "PUT",
            path("/agents/{}/datasets/{}", agent_id, dataset_id),
            headers={"If-Match": entity_tags(if_match), "Content-Type": "application/json"},
            content=json_body(
                {
                    "name": name,
                    "description": description,
                    "metadata": metadata,
                    "dimension": dimension,
                    "distance": distance,
                    "embedding_model": embedding_model,
                    "language": language,
                }
            ),
            safe=True,
        )
        return self._sender.request(call, models.Dataset.from_dict)

    def patch(
        self,
        agent_id: UUID | str,
        dataset_id: UUID | str,
        *,
        name: str | Unset = UNSET,
        description: str | None | Unset = UNSET,
        metadata: Mapping[str, object] | None | Unset = UNSET,
        dimension: int | None | Unset = UNSET,
        distance: models.Distance | None | Unset = UNSET,
        embedding_model: str | None | Unset = UNSET,
        language: models.Language | None | Unset = UNSET,
        if_match: int | str | Unset = UNSET,
    ) -> models.Dataset:
        """Change some fields of a dataset.

        A JSON Merge Patch (RFC 7396): absent fields stay as they are, `null` clears, `metadata` merges
        member by member. While the dataset has embeddings, or an index that is left of them for a minute
        at most, its `dimension` and `distance` cannot change: that is 409.

        Args:
            agent_id: Id of the agent.
            dataset_id: Id of the dataset.
            name: Its name, unique among the agent's datasets that are not deleted.
            description: What is in it, in words; `null` removes it.
            metadata: Members to set, or with `null` to remove; `null` for the whole removes all.
            dimension: Of how many numbers each of its embeddings is; `null` leaves that to the embeddings that it
                has, or else to the first one. It cannot change while there are embeddings.
            distance: How far two of its embeddings are apart; `null` goes back to `cosine`. It cannot change while
                there are embeddings.
            embedding_model: The model that makes its embeddings; `null` removes it.
            language: The language of its texts, for searches by their words; `null` goes back to `simple`.
            if_match: Entity tag that the dataset must still have; else the answer is 412. A number stands for the
                `version` of what it is about.

        Raises:
            ApiError: 400, 401, 403, 404, 408, 409, 412, 413, 415, 422, 429, 500, 503, 504.
        """
        call = Call(
            "PATCH",
            path("/agents/{}/datasets/{}", agent_id, dataset_id),
            headers={"If-Match": entity_tags(if_match), "Content-Type": "application/json"},
            content=json_body(
                {
                    "name": name,
                    "description": description,
                    "metadata": metadata,
                    "dimension": dimension,
                    "distance": distance,
                    "embedding_model": embedding_model,
                    "language": language,
                }
            ),
        )
        return self._sender.request(call, models.Dataset.from_dict)

    def delete(
        self,
        agent_id: UUID | str,
        dataset_id: UUID | str,
        *,
        if_match: int | str | Unset = UNSET,
    ) -> None:
        """Delete a dataset.

        The dataset and its embeddings are gone when the answer arrives, and its name is free again. The
        space is given back later, in small steps.

        Args:
            agent_id: Id of the agent.
            dataset_id: Id of the dataset.
            if_match: Entity tag that the dataset must still have; else the answer is 412. A number stands for the
                `version` of what it is about.

        Raises:
            ApiError: 400, 401, 403, 404, 412, 422, 429, 500, 503, 504.
        """
        call = Call(
            "DELETE",
            path("/agents/{}/datasets/{}", agent_id, dataset_id),
            headers={"If-Match": entity_tags(if_match)},
            safe=True,
        )
        self._sender.request_nothing(call)

    def rebuild_index(
        self,
        dataset_id: UUID | str,
    ) -> models.Dataset:
        """Build a dataset's index.

        However few embeddings it has, and anew if it has one, which helps when much was deleted or
        changed since. The server does so soon, one dataset after the other; until `index.built_at` has
        changed, searches go on as before. From now on the dataset keeps an index. Of vectors of more than
        4,000 numbers there is one under the distances `cosine` and `inner_product` only.

        Args:
            dataset_id: Id of the dataset.

        Raises:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call("POST", path("/datasets/{}/index", dataset_id))
        return self._sender.request(call, models.Dataset.from_dict)

    def measure_recall(
        self,
        dataset_id: UUID | str,
        *,
        k: int | Unset = UNSET,
        samples: int | Unset = UNSET,
        ef_search: int | Unset = UNSET,
    ) -> models.Recall:
        """Measure how right the index is.

        Takes some embeddings of the dataset at random, and searches for the `k` nearest to each by the index
        and by comparing with all: `recall` is how many of those the index finds. It ends when as many
        samples are measured, or half the time is over that a statement may take.

        Args:
            dataset_id: Id of the dataset.
            k: How many embeddings each search is to find. Default: 10.
            samples: How many embeddings to take. Default: 50.
            ef_search: How many embeddings the index keeps in sight on its way. Default: 100, or `k` when that is
                more.

        Raises:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET",
            path("/datasets/{}/recall", dataset_id),
            query={"k": k, "samples": samples, "ef_search": ef_search},
            safe=True,
        )
        return self._sender.request(call, models.Recall.from_dict)


class AsyncDatasets:
    """Datasets: what the embeddings in each have in common."""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender

    def list(
        self,
        agent_id: UUID | str,
        *,
        name: str | Unset = UNSET,
        page_size: int | Unset = UNSET,
        cursor: str | Unset = UNSET,
    ) -> AsyncPages[models.Dataset]:
        """List datasets.

        Newest first. A page has up to `page_size` items and ends earlier at 8 MiB; follow `next_cursor`
        until it is null.

        Args:
            agent_id: Id of the agent.
            name: Only the dataset of exactly this name.
            page_size: The most items on a page. Default: 100.
            cursor: Where the page begins: the `next_cursor` of the page before, with the same filter.

        Raises, when it is iterated over:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET",
            path("/agents/{}/datasets", agent_id),
            query={"name": name, "limit": page_size, "cursor": cursor},
            safe=True,
        )
        return AsyncPages(self._sender, call, models.DatasetPage.from_dict)

    async def create(
        self,
        agent_id: UUID | str,
        *,
        name: str,
        id: UUID | str | None | Unset = UNSET,
        description: str | None | Unset = UNSET,
        metadata: Mapping[str, object] | Unset = UNSET,
        dimension: int | None | Unset = UNSET,
        distance: models.Distance | Unset = UNSET,
        embedding_model: str | None | Unset = UNSET,
        language: models.Language | Unset = UNSET,
        idempotency_key: str | Unset = UNSET,
    ) -> models.Dataset:
        """Create a dataset.

        Send an `Idempotency-Key` to be able to resend the request safely.

        Args:
            agent_id: Id of the agent.
            name: Its name, unique among the agent's datasets that are not deleted; compared byte by byte.
            id: Its id; the server makes a UUIDv7 when absent or null.
            description: What is in it, in words. Default: null.
            metadata: Whatever else belongs to it; at most 64 KiB of compact JSON.
            dimension: Of how many numbers each of its embeddings is. Absent or null: the first embedding fixes it.
            distance: How far two of its embeddings are apart. Default: cosine.
            embedding_model: The model that makes its embeddings, such as `text-embedding-3-small`; free text.
                Default: null.
            language: The language of its texts, for searches by their words. Default: simple.
            idempotency_key: Any text of the client's choice. For 24 hours a request with the same key and the same
                body gets the first answer again; one with another body is refused with 422. Default: a new one.

        Raises:
            ApiError: 400, 401, 403, 404, 408, 409, 413, 415, 422, 429, 500, 503, 504.
        """
        call = Call(
            "POST",
            path("/agents/{}/datasets", agent_id),
            headers={"Idempotency-Key": key_or_new(idempotency_key), "Content-Type": "application/json"},
            content=json_body(
                {
                    "id": id,
                    "name": name,
                    "description": description,
                    "metadata": metadata,
                    "dimension": dimension,
                    "distance": distance,
                    "embedding_model": embedding_model,
                    "language": language,
                }
            ),
            safe=True,
        )
        return await self._sender.request(call, models.Dataset.from_dict)

    async def get(
        self,
        agent_id: UUID | str,
        dataset_id: UUID | str,
        *,
        if_none_match: int | str | Unset = UNSET,
    ) -> models.Dataset:
        """Get a dataset.

        With how many embeddings it has, and how far its index is.

        Args:
            agent_id: Id of the agent.
            dataset_id: Id of the dataset.
            if_none_match: Entity tags that the client has; when one is still current the answer is 304. A number
                stands for the `version` of what it is about.

        Raises:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET",
            path("/agents/{}/datasets/{}", agent_id, dataset_id),
            headers={"If-None-Match": entity_tags(if_none_match)},
            safe=True,
        )
        return await self._sender.request(call, models.Dataset.from_dict)

    async def update(
        self,
        agent_id: UUID | str,
        dataset_id: UUID | str,
        *,
        name: str,
        description: str | None | Unset = UNSET,
        metadata: Mapping[str, object] | Unset = UNSET,
        dimension: int | None | Unset = UNSET,
        distance: models.Distance | Unset = UNSET,
        embedding_model: str | None | Unset = UNSET,
        language: models.Language | Unset = UNSET,
        if_match: int | str | Unset = UNSET,
    ) -> models.Dataset:
        """Replace a dataset.

        An optional field that is absent goes back to its default. While the dataset has embeddings, or an
        index that is left of them for a minute at most, its `dimension` and `distance` cannot change: that
        is 409. Send `If-Match` so as not to overwrite
        what somebody else has changed meanwhile; embeddings that are written change the dataset too.

        Args:
            agent_id: Id of the agent.
            dataset_id: Id of the dataset.
            name: Its name, unique among the agent's datasets that are not deleted; compared byte by byte.
            description: What is in it, in words. Default: null.
            metadata: Whatever else belongs to it; at most 64 KiB of compact JSON.
            dimension: Of how many numbers each of its embeddings is. Absent or null: that of the embeddings that it
                has, or else the first one fixes it. It cannot change while there are embeddings.
            distance: How far two of its embeddings are apart. It cannot change while there are embeddings. Default:
                cosine.
            embedding_model: The model that makes its embeddings, such as `text-embedding-3-small`; free text.
                Default: null.
            language: The language of its texts, for searches by their words. Default: simple.
            if_match: Entity tag that the dataset must still have; else the answer is 412. A number stands for the
                `version` of what it is about.

        Raises:
            ApiError: 400, 401, 403, 404, 408, 409, 412, 413, 415, 422, 429, 500, 503, 504.
        """
        call = Call(
            "PUT",
            path("/agents/{}/datasets/{}", agent_id, dataset_id),
            headers={"If-Match": entity_tags(if_match), "Content-Type": "application/json"},
            content=json_body(
                {
                    "name": name,
                    "description": description,
                    "metadata": metadata,
                    "dimension": dimension,
                    "distance": distance,
                    "embedding_model": embedding_model,
                    "language": language,
                }
            ),
            safe=True,
        )
        return await self._sender.request(call, models.Dataset.from_dict)

    async def patch(
        self,
        agent_id: UUID | str,
        dataset_id: UUID | str,
        *,
        name: str | Unset = UNSET,
        description: str | None | Unset = UNSET,
        metadata: Mapping[str, object] | None | Unset = UNSET,
        dimension: int | None | Unset = UNSET,
        distance: models.Distance | None | Unset = UNSET,
        embedding_model: str | None | Unset = UNSET,
        language: models.Language | None | Unset = UNSET,
        if_match: int | str | Unset = UNSET,
    ) -> models.Dataset:
        """Change some fields of a dataset.

        A JSON Merge Patch (RFC 7396): absent fields stay as they are, `null` clears, `metadata` merges
        member by member. While the dataset has embeddings, or an index that is left of them for a minute
        at most, its `dimension` and `distance` cannot change: that is 409.

        Args:
            agent_id: Id of the agent.
            dataset_id: Id of the dataset.
            name: Its name, unique among the agent's datasets that are not deleted.
            description: What is in it, in words; `null` removes it.
            metadata: Members to set, or with `null` to remove; `null` for the whole removes all.
            dimension: Of how many numbers each of its embeddings is; `null` leaves that to the embeddings that it
                has, or else to the first one. It cannot change while there are embeddings.
            distance: How far two of its embeddings are apart; `null` goes back to `cosine`. It cannot change while
                there are embeddings.
            embedding_model: The model that makes its embeddings; `null` removes it.
            language: The language of its texts, for searches by their words; `null` goes back to `simple`.
            if_match: Entity tag that the dataset must still have; else the answer is 412. A number stands for the
                `version` of what it is about.

        Raises:
            ApiError: 400, 401, 403, 404, 408, 409, 412, 413, 415, 422, 429, 500, 503, 504.
        """
        call = Call(
            "PATCH",
            path("/agents/{}/datasets/{}", agent_id, dataset_id),
            headers={"If-Match": entity_tags(if_match), "Content-Type": "application/json"},
            content=json_body(
                {
                    "name": name,
                    "description": description,
                    "metadata": metadata,
                    "dimension": dimension,
                    "distance": distance,
                    "embedding_model": embedding_model,
                    "language": language,
                }
            ),
        )
        return await self._sender.request(call, models.Dataset.from_dict)

    async def delete(
        self,
        agent_id: UUID | str,
        dataset_id: UUID | str,
        *,
        if_match: int | str | Unset = UNSET,
    ) -> None:
        """Delete a dataset.

        The dataset and its embeddings are gone when the answer arrives, and its name is free again. The
        space is given back later, in small steps.

        Args:
            agent_id: Id of the agent.
            dataset_id: Id of the dataset.
            if_match: Entity tag that the dataset must still have; else the answer is 412. A number stands for the
                `version` of what it is about.

        Raises:
            ApiError: 400, 401, 403, 404, 412, 422, 429, 500, 503, 504.
        """
        call = Call(
            "DELETE",
            path("/agents/{}/datasets/{}", agent_id, dataset_id),
            headers={"If-Match": entity_tags(if_match)},
            safe=True,
        )
        await self._sender.request_nothing(call)

    async def rebuild_index(
        self,
        dataset_id: UUID | str,
    ) -> models.Dataset:
        """Build a dataset's index.

        However few embeddings it has, and anew if it has one, which helps when much was deleted or
        changed since. The server does so soon, one dataset after the other; until `index.built_at` has
        changed, searches go on as before. From now on the dataset keeps an index. Of vectors of more than
        4,000 numbers there is one under the distances `cosine` and `inner_product` only.

        Args:
            dataset_id: Id of the dataset.

        Raises:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call("POST", path("/datasets/{}/index", dataset_id))
        return await self._sender.request(call, models.Dataset.from_dict)

    async def measure_recall(
        self,
        dataset_id: UUID | str,
        *,
        k: int | Unset = UNSET,
        samples: int | Unset = UNSET,
        ef_search: int | Unset = UNSET,
    ) -> models.Recall:
        """Measure how right the index is.

        Takes some embeddings of the dataset at random, and searches for the `k` nearest to each by the index
        and by comparing with all: `recall` is how many of those the index finds. It ends when as many
        samples are measured, or half the time is over that a statement may take.

        Args:
            dataset_id: Id of the dataset.
            k: How many embeddings each search is to find. Default: 10.
            samples: How many embeddings to take. Default: 50.
            ef_search: How many embeddings the index keeps in sight on its way. Default: 100, or `k` when that is
                more.

        Raises:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET",
            path("/datasets/{}/recall", dataset_id),
            query={"k": k, "samples": samples, "ef_search": ef_search},
            safe=True,
        )
        return await self._sender.request(call, models.Recall.from_dict)
