"""Embeddings: texts and their vectors, and the search for the nearest.

Made from openapi/openapi.json by `make clients`. Do not edit: `make test` compares."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable, Mapping, Sequence
from uuid import UUID

from agentdata_client import models

from .. import params
from .._call import (
    UNSET,
    Call,
    Unset,
    entity_tags,
    json_body,
    path,
    with_id,
)
from .._lines import AsyncLines, Lines, lines_of, lines_of_any
from .._pages import AsyncPages, Pages
from .._sender import AsyncSender, Sender


class Embeddings:
    """Embeddings: texts and their vectors, and the search for the nearest."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def list(
        self,
        dataset_id: UUID | str,
        *,
        include: models.Include | Unset = UNSET,
        filter: str | Unset = UNSET,
        page_size: int | Unset = UNSET,
        cursor: str | Unset = UNSET,
    ) -> Pages[models.Embedding]:
        """List embeddings.

        In the order of their ids, if wanted only those with some metadata. A page has up to `page_size` items
        and ends earlier at 8 MiB; follow `next_cursor` until it is null.

        Args:
            dataset_id: Id of the dataset.
            include: What comes with each embedding beside its text and metadata. Default: embedding.
            filter: Only embeddings with such metadata: a `Filter` in JSON, such as `{"path":"/page","gte":10}`.
            page_size: The most items on a page. Default: 100.
            cursor: Where the page begins: the `next_cursor` of the page before, with the same filter.

        Raises, when it is iterated over:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET",
            path("/datasets/{}/embeddings", dataset_id),
            query={"include": include, "filter": filter, "limit": page_size, "cursor": cursor},
            safe=True,
        )
        return Pages(self._sender, call, models.EmbeddingPage.from_dict)

    def create(
        self,
        dataset_id: UUID | str,
        *,
        items: Sequence[params.NewEmbedding],
        on_conflict: models.OnConflict | Unset = UNSET,
    ) -> models.CreatedEmbeddings:
        """Create embeddings.

        Stores up to 1,000 embeddings, all or none; the body has at most 32 MiB unless the server is set
        otherwise. The first of a dataset fix its `dimension` when it has none. Of texts without vectors the
        embedding provider makes them, by the dataset's `embedding_model`. Give the embeddings ids
        to be able to resend the request safely: what is there already and the same is accepted, and
        what differs is refused with 409, or with `on_conflict=update` replaced.

        Args:
            dataset_id: Id of the dataset.
            items: The embeddings, stored all or none; no id twice.
            on_conflict: What becomes of an embedding whose id is in the dataset already. Default: refuse.

        Raises:
            ApiError: 400, 401, 403, 404, 408, 409, 413, 415, 422, 429, 500, 502, 503, 504.
        """
        call = Call(
            "POST",
            path("/datasets/{}/embeddings", dataset_id),
            query={"on_conflict": on_conflict},
            headers={"Content-Type": "application/json"},
            content=json_body({"items": [with_id(item) for item in items]}),
            safe=True,
        )
        return self._sender.request(call, models.CreatedEmbeddings.from_dict)

    def get(
        self,
        dataset_id: UUID | str,
        embedding_id: UUID | str,
        *,
        if_none_match: int | str | Unset = UNSET,
    ) -> models.Embedding:
        """Get an embedding.

        With its vector. Send `If-None-Match` to get 304 instead while it is still the same.

        Args:
            dataset_id: Id of the dataset.
            embedding_id: Id of the embedding.
            if_none_match: Entity tags that the client has; when one is still current the answer is 304. A number
                stands for the `version` of what it is about.

        Raises:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET",
            path("/datasets/{}/embeddings/{}", dataset_id, embedding_id),
            headers={"If-None-Match": entity_tags(if_none_match)},
            safe=True,
        )
        return self._sender.request(call, models.Embedding.from_dict)

    def update(
        self,
        dataset_id: UUID | str,
        embedding_id: UUID | str,
        *,
        content: str | Unset = UNSET,
        embedding: Sequence[float] | str | Unset = UNSET,
        embed: bool | Unset = UNSET,
        metadata: Mapping[str, object] | None | Unset = UNSET,
        if_match: int | str | Unset = UNSET,
    ) -> models.Embedding:
        """Change some fields of an embedding.

        A JSON Merge Patch (RFC 7396): absent fields stay as they are, `metadata` merges member by
        member. A new text does not change the vector, unless `embed` is true.

        Args:
            dataset_id: Id of the dataset.
            embedding_id: Id of the embedding.
            content: The text. The vector stays as it is unless it is told too.
            embedding: The vector, in either form of a new embedding's.
            embed: Have the embedding provider make the vector of the text: of `content`, or of the text that there
                is. `embedding` must be absent then. Default: false.
            metadata: Members to set, or with `null` to remove; `null` for the whole removes all.
            if_match: Entity tag that the embedding must still have; else the answer is 412. A number stands for the
                `version` of what it is about.

        Raises:
            ApiError: 400, 401, 403, 404, 408, 412, 413, 415, 422, 429, 500, 502, 503, 504.
        """
        call = Call(
            "PATCH",
            path("/datasets/{}/embeddings/{}", dataset_id, embedding_id),
            headers={"If-Match": entity_tags(if_match), "Content-Type": "application/json"},
            content=json_body({"content": content, "embedding": embedding, "embed": embed, "metadata": metadata}),
        )
        return self._sender.request(call, models.Embedding.from_dict)

    def delete(
        self,
        dataset_id: UUID | str,
        embedding_id: UUID | str,
        *,
        if_match: int | str | Unset = UNSET,
    ) -> None:
        """Delete an embedding.

        Send `If-Match` so as not to delete what somebody else has changed meanwhile.

        Args:
            dataset_id: Id of the dataset.
            embedding_id: Id of the embedding.
            if_match: Entity tag that the embedding must still have; else the answer is 412. A number stands for the
                `version` of what it is about.

        Raises:
            ApiError: 400, 401, 403, 404, 412, 422, 429, 500, 503, 504.
        """
        call = Call(
            "DELETE",
            path("/datasets/{}/embeddings/{}", dataset_id, embedding_id),
            headers={"If-Match": entity_tags(if_match)},
            safe=True,
        )
        self._sender.request_nothing(call)

    def delete_many(
        self,
        dataset_id: UUID | str,
        *,
        ids: Sequence[UUID | str] | Unset = UNSET,
        filter: params.Filter | Unset = UNSET,
    ) -> models.DeletedEmbeddings:
        """Delete embeddings.

        Those of some ids or those with some metadata, or, when both are given, those of the ids that have
        the metadata. One request deletes 10,000 at most, in one transaction; send it again while `more` is
        true.

        Args:
            dataset_id: Id of the dataset.
            ids: Those of these ids; ids of nothing are passed over.
            filter: Those with such metadata.

        Raises:
            ApiError: 400, 401, 403, 404, 408, 413, 415, 422, 429, 500, 503, 504.
        """
        call = Call(
            "POST",
            path("/datasets/{}/embeddings/delete", dataset_id),
            headers={"Content-Type": "application/json"},
            content=json_body({"ids": ids, "filter": filter}),
        )
        return self._sender.request(call, models.DeletedEmbeddings.from_dict)

    def search(
        self,
        dataset_id: UUID | str,
        *,
        mode: models.SearchMode | Unset = UNSET,
        vector: Sequence[float] | str | Unset = UNSET,
        text: str | Unset = UNSET,
        k: int | Unset = UNSET,
        filter: params.Filter | Unset = UNSET,
        max_distance: float | None | Unset = UNSET,
        min_score: float | None | Unset = UNSET,
        exact: bool | Unset = UNSET,
        ef_search: int | None | Unset = UNSET,
        include: models.Include | Unset = UNSET,
        fusion: params.Fusion | Unset = UNSET,
    ) -> models.FoundEmbeddings:
        """Search embeddings.

        Finds the embeddings of a dataset that fit best: those nearest to a vector or to a text by the
        dataset's `distance` (mode `vector`), those with words of a text (`text`), or the best of both
        (`hybrid`). A dataset with an index is searched by it, and by comparing with every embedding where
        the index does not find `k`: there are never fewer than `k` when `k` match.

        Args:
            dataset_id: Id of the dataset.
            mode: By what embeddings are searched for. Default: vector.
            vector: The vector, in either form of a new embedding's: of the dataset's dimension, and under the
                distance `cosine` not all zeros. Without it the embedding provider makes one of `text`.
            text: The text: what the texts of embeddings are compared with under the modes `text` and `hybrid`, and
                under `vector` and `hybrid` what a vector is made of when none is given.
            k: How many embeddings to find. Default: 10.
            filter: Only embeddings with such metadata.
            max_distance: Of what is searched by vectors, only embeddings at this distance or nearer. Default: at
                any.
            min_score: Of what is searched by vectors, only embeddings whose score by their distance is this or
                more. Default: any.
            exact: Compare with every embedding, although the dataset has an index. Default: false.
            ef_search: How many embeddings the index keeps in sight on its way; more find more of the nearest and
                take longer. Default: 100, or `k` when that is more.
            include: What comes with each embedding beside its text and metadata. Default: none.
            fusion: How the mode `hybrid` fuses the two orders. Default: with all defaults.

        Raises:
            ApiError: 400, 401, 403, 404, 408, 413, 415, 422, 429, 500, 502, 503, 504.
        """
        call = Call(
            "POST",
            path("/datasets/{}/embeddings/search", dataset_id),
            headers={"Content-Type": "application/json"},
            content=json_body(
                {
                    "mode": mode,
                    "vector": vector,
                    "text": text,
                    "k": k,
                    "filter": filter,
                    "max_distance": max_distance,
                    "min_score": min_score,
                    "exact": exact,
                    "ef_search": ef_search,
                    "include": include,
                    "fusion": fusion,
                }
            ),
            safe=True,
        )
        return self._sender.request(call, models.FoundEmbeddings.from_dict)

    def search_batch(
        self,
        dataset_id: UUID | str,
        *,
        queries: Sequence[params.SearchEmbeddings],
    ) -> models.FoundManyEmbeddings:
        """Search embeddings several times.

        Up to 100 searches of one dataset in one request; the answer has the results in their order, and all of
        them together end at 8 MiB, but for the best of each. Each may take as long as a statement may.

        Args:
            dataset_id: Id of the dataset.
            queries: The searches.

        Raises:
            ApiError: 400, 401, 403, 404, 408, 413, 415, 422, 429, 500, 502, 503, 504.
        """
        call = Call(
            "POST",
            path("/datasets/{}/embeddings/search/batch", dataset_id),
            headers={"Content-Type": "application/json"},
            content=json_body({"queries": queries}),
            safe=True,
        )
        return self._sender.request(call, models.FoundManyEmbeddings.from_dict)

    def import_(
        self,
        dataset_id: UUID | str,
        items: Iterable[params.NewEmbedding | models.NewEmbedding],
        *,
        on_conflict: models.OnConflict | Unset = UNSET,
    ) -> models.ImportedEmbeddings:
        """Import embeddings.

        A `NewEmbedding` in JSON on each line (NDJSON), however many: they are stored as they come, some
        hundreds in a transaction, and a line has 2 MiB at most. An error names the first line that could not
        be stored by its number, from 0 and without counting blank ones; all lines before it are stored, and of
        those behind it perhaps some. To go on, send the same lines again: what is there already stays, and a
        line without an `id` gets one that its number and its text make.

        Args:
            dataset_id: Id of the dataset.
            items: One after the other, however many.
            on_conflict: What becomes of an embedding whose id is in the dataset already. Default: refuse.

        Raises:
            ApiError: 400, 401, 403, 404, 408, 409, 413, 415, 422, 429, 500, 502, 503, 504.
        """
        call = Call(
            "POST",
            path("/datasets/{}/embeddings/import", dataset_id),
            query={"on_conflict": on_conflict},
            headers={"Content-Type": "application/x-ndjson"},
            content=lines_of(items),
        )
        return self._sender.request(call, models.ImportedEmbeddings.from_dict)

    def export(
        self,
        dataset_id: UUID | str,
        *,
        filter: str | Unset = UNSET,
    ) -> Lines[models.NewEmbedding]:
        """Export embeddings.

        All embeddings, in the order of their ids, each on a line (NDJSON) with its `id`, `content`,
        `metadata` and `embedding`, as an import takes them. They are read as the client takes them: what is
        stored meanwhile may be among them or not. An answer that is not complete is cut off without its end.
        At 8 exports a server answers 503.

        Args:
            dataset_id: Id of the dataset.
            filter: Only embeddings with such metadata: a `Filter` in JSON, such as `{"path":"/page","gte":10}`.

        Raises, when it is iterated over:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET",
            path("/datasets/{}/embeddings/export", dataset_id),
            query={"filter": filter},
            headers={"Accept-Encoding": "gzip"},
            safe=True,
        )
        return Lines(self._sender, call, models.NewEmbedding.from_dict)


class AsyncEmbeddings:
    """Embeddings: texts and their vectors, and the search for the nearest."""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender

    def list(
        self,
        dataset_id: UUID | str,
        *,
        include: models.Include | Unset = UNSET,
        filter: str | Unset = UNSET,
        page_size: int | Unset = UNSET,
        cursor: str | Unset = UNSET,
    ) -> AsyncPages[models.Embedding]:
        """List embeddings.

        In the order of their ids, if wanted only those with some metadata. A page has up to `page_size` items
        and ends earlier at 8 MiB; follow `next_cursor` until it is null.

        Args:
            dataset_id: Id of the dataset.
            include: What comes with each embedding beside its text and metadata. Default: embedding.
            filter: Only embeddings with such metadata: a `Filter` in JSON, such as `{"path":"/page","gte":10}`.
            page_size: The most items on a page. Default: 100.
            cursor: Where the page begins: the `next_cursor` of the page before, with the same filter.

        Raises, when it is iterated over:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET",
            path("/datasets/{}/embeddings", dataset_id),
            query={"include": include, "filter": filter, "limit": page_size, "cursor": cursor},
            safe=True,
        )
        return AsyncPages(self._sender, call, models.EmbeddingPage.from_dict)

    async def create(
        self,
        dataset_id: UUID | str,
        *,
        items: Sequence[params.NewEmbedding],
        on_conflict: models.OnConflict | Unset = UNSET,
    ) -> models.CreatedEmbeddings:
        """Create embeddings.

        Stores up to 1,000 embeddings, all or none; the body has at most 32 MiB unless the server is set
        otherwise. The first of a dataset fix its `dimension` when it has none. Of texts without vectors the
        embedding provider makes them, by the dataset's `embedding_model`. Give the embeddings ids
        to be able to resend the request safely: what is there already and the same is accepted, and
        what differs is refused with 409, or with `on_conflict=update` replaced.

        Args:
            dataset_id: Id of the dataset.
            items: The embeddings, stored all or none; no id twice.
            on_conflict: What becomes of an embedding whose id is in the dataset already. Default: refuse.

        Raises:
            ApiError: 400, 401, 403, 404, 408, 409, 413, 415, 422, 429, 500, 502, 503, 504.
        """
        call = Call(
            "POST",
            path("/datasets/{}/embeddings", dataset_id),
            query={"on_conflict": on_conflict},
            headers={"Content-Type": "application/json"},
            content=json_body({"items": [with_id(item) for item in items]}),
            safe=True,
        )
        return await self._sender.request(call, models.CreatedEmbeddings.from_dict)

    async def get(
        self,
        dataset_id: UUID | str,
        embedding_id: UUID | str,
        *,
        if_none_match: int | str | Unset = UNSET,
    ) -> models.Embedding:
        """Get an embedding.

        With its vector. Send `If-None-Match` to get 304 instead while it is still the same.

        Args:
            dataset_id: Id of the dataset.
            embedding_id: Id of the embedding.
            if_none_match: Entity tags that the client has; when one is still current the answer is 304. A number
                stands for the `version` of what it is about.

        Raises:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET",
            path("/datasets/{}/embeddings/{}", dataset_id, embedding_id),
            headers={"If-None-Match": entity_tags(if_none_match)},
            safe=True,
        )
        return await self._sender.request(call, models.Embedding.from_dict)

    async def update(
        self,
        dataset_id: UUID | str,
        embedding_id: UUID | str,
        *,
        content: str | Unset = UNSET,
        embedding: Sequence[float] | str | Unset = UNSET,
        embed: bool | Unset = UNSET,
        metadata: Mapping[str, object] | None | Unset = UNSET,
        if_match: int | str | Unset = UNSET,
    ) -> models.Embedding:
        """Change some fields of an embedding.

        A JSON Merge Patch (RFC 7396): absent fields stay as they are, `metadata` merges member by
        member. A new text does not change the vector, unless `embed` is true.

        Args:
            dataset_id: Id of the dataset.
            embedding_id: Id of the embedding.
            content: The text. The vector stays as it is unless it is told too.
            embedding: The vector, in either form of a new embedding's.
            embed: Have the embedding provider make the vector of the text: of `content`, or of the text that there
                is. `embedding` must be absent then. Default: false.
            metadata: Members to set, or with `null` to remove; `null` for the whole removes all.
            if_match: Entity tag that the embedding must still have; else the answer is 412. A number stands for the
                `version` of what it is about.

        Raises:
            ApiError: 400, 401, 403, 404, 408, 412, 413, 415, 422, 429, 500, 502, 503, 504.
        """
        call = Call(
            "PATCH",
            path("/datasets/{}/embeddings/{}", dataset_id, embedding_id),
            headers={"If-Match": entity_tags(if_match), "Content-Type": "application/json"},
            content=json_body({"content": content, "embedding": embedding, "embed": embed, "metadata": metadata}),
        )
        return await self._sender.request(call, models.Embedding.from_dict)

    async def delete(
        self,
        dataset_id: UUID | str,
        embedding_id: UUID | str,
        *,
        if_match: int | str | Unset = UNSET,
    ) -> None:
        """Delete an embedding.

        Send `If-Match` so as not to delete what somebody else has changed meanwhile.

        Args:
            dataset_id: Id of the dataset.
            embedding_id: Id of the embedding.
            if_match: Entity tag that the embedding must still have; else the answer is 412. A number stands for the
                `version` of what it is about.

        Raises:
            ApiError: 400, 401, 403, 404, 412, 422, 429, 500, 503, 504.
        """
        call = Call(
            "DELETE",
            path("/datasets/{}/embeddings/{}", dataset_id, embedding_id),
            headers={"If-Match": entity_tags(if_match)},
            safe=True,
        )
        await self._sender.request_nothing(call)

    async def delete_many(
        self,
        dataset_id: UUID | str,
        *,
        ids: Sequence[UUID | str] | Unset = UNSET,
        filter: params.Filter | Unset = UNSET,
    ) -> models.DeletedEmbeddings:
        """Delete embeddings.

        Those of some ids or those with some metadata, or, when both are given, those of the ids that have
        the metadata. One request deletes 10,000 at most, in one transaction; send it again while `more` is
        true.

        Args:
            dataset_id: Id of the dataset.
            ids: Those of these ids; ids of nothing are passed over.
            filter: Those with such metadata.

        Raises:
            ApiError: 400, 401, 403, 404, 408, 413, 415, 422, 429, 500, 503, 504.
        """
        call = Call(
            "POST",
            path("/datasets/{}/embeddings/delete", dataset_id),
            headers={"Content-Type": "application/json"},
            content=json_body({"ids": ids, "filter": filter}),
        )
        return await self._sender.request(call, models.DeletedEmbeddings.from_dict)

    async def search(
        self,
        dataset_id: UUID | str,
        *,
        mode: models.SearchMode | Unset = UNSET,
        vector: Sequence[float] | str | Unset = UNSET,
        text: str | Unset = UNSET,
        k: int | Unset = UNSET,
        filter: params.Filter | Unset = UNSET,
        max_distance: float | None | Unset = UNSET,
        min_score: float | None | Unset = UNSET,
        exact: bool | Unset = UNSET,
        ef_search: int | None | Unset = UNSET,
        include: models.Include | Unset = UNSET,
        fusion: params.Fusion | Unset = UNSET,
    ) -> models.FoundEmbeddings:
        """Search embeddings.

        Finds the embeddings of a dataset that fit best: those nearest to a vector or to a text by the
        dataset's `distance` (mode `vector`), those with words of a text (`text`), or the best of both
        (`hybrid`). A dataset with an index is searched by it, and by comparing with every embedding where
        the index does not find `k`: there are never fewer than `k` when `k` match.

        Args:
            dataset_id: Id of the dataset.
            mode: By what embeddings are searched for. Default: vector.
            vector: The vector, in either form of a new embedding's: of the dataset's dimension, and under the
                distance `cosine` not all zeros. Without it the embedding provider makes one of `text`.
            text: The text: what the texts of embeddings are compared with under the modes `text` and `hybrid`, and
                under `vector` and `hybrid` what a vector is made of when none is given.
            k: How many embeddings to find. Default: 10.
            filter: Only embeddings with such metadata.
            max_distance: Of what is searched by vectors, only embeddings at this distance or nearer. Default: at
                any.
            min_score: Of what is searched by vectors, only embeddings whose score by their distance is this or
                more. Default: any.
            exact: Compare with every embedding, although the dataset has an index. Default: false.
            ef_search: How many embeddings the index keeps in sight on its way; more find more of the nearest and
                take longer. Default: 100, or `k` when that is more.
            include: What comes with each embedding beside its text and metadata. Default: none.
            fusion: How the mode `hybrid` fuses the two orders. Default: with all defaults.

        Raises:
            ApiError: 400, 401, 403, 404, 408, 413, 415, 422, 429, 500, 502, 503, 504.
        """
        call = Call(
            "POST",
            path("/datasets/{}/embeddings/search", dataset_id),
            headers={"Content-Type": "application/json"},
            content=json_body(
                {
                    "mode": mode,
                    "vector": vector,
                    "text": text,
                    "k": k,
                    "filter": filter,
                    "max_distance": max_distance,
                    "min_score": min_score,
                    "exact": exact,
                    "ef_search": ef_search,
                    "include": include,
                    "fusion": fusion,
                }
            ),
            safe=True,
        )
        return await self._sender.request(call, models.FoundEmbeddings.from_dict)

    async def search_batch(
        self,
        dataset_id: UUID | str,
        *,
        queries: Sequence[params.SearchEmbeddings],
    ) -> models.FoundManyEmbeddings:
        """Search embeddings several times.

        Up to 100 searches of one dataset in one request; the answer has the results in their order, and all of
        them together end at 8 MiB, but for the best of each. Each may take as long as a statement may.

        Args:
            dataset_id: Id of the dataset.
            queries: The searches.

        Raises:
            ApiError: 400, 401, 403, 404, 408, 413, 415, 422, 429, 500, 502, 503, 504.
        """
        call = Call(
            "POST",
            path("/datasets/{}/embeddings/search/batch", dataset_id),
            headers={"Content-Type": "application/json"},
            content=json_body({"queries": queries}),
            safe=True,
        )
        return await self._sender.request(call, models.FoundManyEmbeddings.from_dict)

    async def import_(
        self,
        dataset_id: UUID | str,
        items: AsyncIterable[params.NewEmbedding | models.NewEmbedding]
        | Iterable[params.NewEmbedding | models.NewEmbedding],
        *,
        on_conflict: models.OnConflict | Unset = UNSET,
    ) -> models.ImportedEmbeddings:
        """Import embeddings.

        A `NewEmbedding` in JSON on each line (NDJSON), however many: they are stored as they come, some
        hundreds in a transaction, and a line has 2 MiB at most. An error names the first line that could not
        be stored by its number, from 0 and without counting blank ones; all lines before it are stored, and of
        those behind it perhaps some. To go on, send the same lines again: what is there already stays, and a
        line without an `id` gets one that its number and its text make.

        Args:
            dataset_id: Id of the dataset.
            items: One after the other, however many.
            on_conflict: What becomes of an embedding whose id is in the dataset already. Default: refuse.

        Raises:
            ApiError: 400, 401, 403, 404, 408, 409, 413, 415, 422, 429, 500, 502, 503, 504.
        """
        call = Call(
            "POST",
            path("/datasets/{}/embeddings/import", dataset_id),
            query={"on_conflict": on_conflict},
            headers={"Content-Type": "application/x-ndjson"},
            content=lines_of_any(items),
        )
        return await self._sender.request(call, models.ImportedEmbeddings.from_dict)

    def export(
        self,
        dataset_id: UUID | str,
        *,
        filter: str | Unset = UNSET,
    ) -> AsyncLines[models.NewEmbedding]:
        """Export embeddings.

        All embeddings, in the order of their ids, each on a line (NDJSON) with its `id`, `content`,
        `metadata` and `embedding`, as an import takes them. They are read as the client takes them: what is
        stored meanwhile may be among them or not. An answer that is not complete is cut off without its end.
        At 8 exports a server answers 503.

        Args:
            dataset_id: Id of the dataset.
            filter: Only embeddings with such metadata: a `Filter` in JSON, such as `{"path":"/page","gte":10}`.

        Raises, when it is iterated over:
            ApiError: 400, 401, 403, 404, 422, 429, 500, 503, 504.
        """
        call = Call(
            "GET",
            path("/datasets/{}/embeddings/export", dataset_id),
            query={"filter": filter},
            headers={"Accept-Encoding": "gzip"},
            safe=True,
        )
        return AsyncLines(self._sender, call, models.NewEmbedding.from_dict)
