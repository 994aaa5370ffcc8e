from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.include import Include, check_include
from ..models.search_mode import SearchMode, check_search_mode
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.filter_ import Filter
    from ..models.fusion import Fusion


T = TypeVar("T", bound="SearchEmbeddings")


@_attrs_define
class SearchEmbeddings:
    """A search for embeddings.

    Example:
        {'mode': 'vector', 'vector': [0.1, -0.4, 0.3, 0.8], 'k': 10, 'filter': {'path': '/page', 'gte': 10},
            'max_distance': 0.5, 'exact': False, 'include': 'none'}

    Attributes:
        mode (SearchMode | Unset): By what embeddings are searched for. Default: 'vector'.
        vector (list[float] | str | Unset): The vector, in either form of a new embedding's: of the dataset's dimension,
            and under the
            distance `cosine` not all zeros. Without it the embedding provider makes one of `text`.
        text (str | Unset): The text: what the texts of embeddings are compared with under the modes `text` and
            `hybrid`, and
            under `vector` and `hybrid` what a vector is made of when none is given.
        k (int | Unset): How many embeddings to find. Default: 10.
        filter_ (Filter | Unset): A condition on the metadata of embeddings. Everything that it says must hold: a
            comparison of what
            is at `path`, or several, and whatever `and`, `or` and `not` say. It must say something.

            What is not there equals nothing, is in no range and contains nothing; so only `ne`, `not` and
            `"exists": false` hold for it. Example: {'path': '/page', 'gte': 10}.
        max_distance (float | None | Unset): Of what is searched by vectors, only embeddings at this distance or nearer.
            Default: at any.
        min_score (float | None | Unset): Of what is searched by vectors, only embeddings whose score by their distance
            is this or more.
            Default: any.
        exact (bool | Unset): Compare with every embedding, although the dataset has an index. Default: False.
        ef_search (int | None | Unset): How many embeddings the index keeps in sight on its way; more find more of the
            nearest and take
            longer. Default: 100, or `k` when that is more.
        include (Include | Unset): What comes with each embedding beside its text and metadata. Default: 'none'.
        fusion (Fusion | Unset): How the orders by vectors and by texts are fused into one: reciprocal rank fusion
            (Cormack, Clarke,
            Büttcher 2009). An embedding's score is the sum, over the orders that it is in, of weight ÷ (constant
            + rank). Each order goes as far as `k`, and as 100. Example: {'rank_constant': 60, 'vector_weight': 1,
            'text_weight': 1}.
    """

    mode: SearchMode | Unset = "vector"
    vector: list[float] | str | Unset = UNSET
    text: str | Unset = UNSET
    k: int | Unset = 10
    filter_: Filter | Unset = UNSET
    max_distance: float | None | Unset = UNSET
    min_score: float | None | Unset = UNSET
    exact: bool | Unset = False
    ef_search: int | None | Unset = UNSET
    include: Include | Unset = "none"
    fusion: Fusion | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        mode: str | Unset = UNSET
        if not isinstance(self.mode, Unset):
            mode = self.mode

        vector: list[float] | str | Unset
        if isinstance(self.vector, Unset):
            vector = UNSET
        elif isinstance(self.vector, list):
            vector = self.vector

        else:
            vector = self.vector

        text = self.text

        k = self.k

        filter_: dict[str, Any] | Unset = UNSET
        if not isinstance(self.filter_, Unset):
            filter_ = self.filter_.to_dict()

        max_distance: float | None | Unset
        if isinstance(self.max_distance, Unset):
            max_distance = UNSET
        else:
            max_distance = self.max_distance

        min_score: float | None | Unset
        if isinstance(self.min_score, Unset):
            min_score = UNSET
        else:
            min_score = self.min_score

        exact = self.exact

        ef_search: int | None | Unset
        if isinstance(self.ef_search, Unset):
            ef_search = UNSET
        else:
            ef_search = self.ef_search

        include: str | Unset = UNSET
        if not isinstance(self.include, Unset):
            include = self.include

        fusion: dict[str, Any] | Unset = UNSET
        if not isinstance(self.fusion, Unset):
            fusion = self.fusion.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if mode is not UNSET:
            field_dict["mode"] = mode
        if vector is not UNSET:
            field_dict["vector"] = vector
        if text is not UNSET:
            field_dict["text"] = text
        if k is not UNSET:
            field_dict["k"] = k
        if filter_ is not UNSET:
            field_dict["filter"] = filter_
        if max_distance is not UNSET:
            field_dict["max_distance"] = max_distance
        if min_score is not UNSET:
            field_dict["min_score"] = min_score
        if exact is not UNSET:
            field_dict["exact"] = exact
        if ef_search is not UNSET:
            field_dict["ef_search"] = ef_search
        if include is not UNSET:
            field_dict["include"] = include
        if fusion is not UNSET:
            field_dict["fusion"] = fusion

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.filter_ import Filter
        from ..models.fusion import Fusion

        d = dict(src_dict)
        _mode = d.pop("mode", UNSET)
        mode: SearchMode | Unset
        if isinstance(_mode, Unset):
            mode = UNSET
        else:
            mode = check_search_mode(_mode)

        def _parse_vector(data: object) -> list[float] | str | Unset:
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                vector_type_0 = cast(list[float], data)

                return vector_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[float] | str | Unset, data)

        vector = _parse_vector(d.pop("vector", UNSET))

        text = d.pop("text", UNSET)

        k = d.pop("k", UNSET)

        _filter_ = d.pop("filter", UNSET)
        filter_: Filter | Unset
        if isinstance(_filter_, Unset):
            filter_ = UNSET
        else:
            filter_ = Filter.from_dict(_filter_)

        def _parse_max_distance(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        max_distance = _parse_max_distance(d.pop("max_distance", UNSET))

        def _parse_min_score(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        min_score = _parse_min_score(d.pop("min_score", UNSET))

        exact = d.pop("exact", UNSET)

        def _parse_ef_search(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        ef_search = _parse_ef_search(d.pop("ef_search", UNSET))

        _include = d.pop("include", UNSET)
        include: Include | Unset
        if isinstance(_include, Unset):
            include = UNSET
        else:
            include = check_include(_include)

        _fusion = d.pop("fusion", UNSET)
        fusion: Fusion | Unset
        if isinstance(_fusion, Unset):
            fusion = UNSET
        else:
            fusion = Fusion.from_dict(_fusion)

        search_embeddings = cls(
            mode=mode,
            vector=vector,
            text=text,
            k=k,
            filter_=filter_,
            max_distance=max_distance,
            min_score=min_score,
            exact=exact,
            ef_search=ef_search,
            include=include,
            fusion=fusion,
        )

        return search_embeddings
