"""Input, text: encodings, characters that look alike, ids, headers and injection."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import quote

from .bench import Bench
from .postgres_facts import FREE, IN_PATHS_AND_QUERIES, STRINGS
from .row import (
    MALFORMED,
    Accepted,
    Bare,
    Case,
    Cases,
    Finds,
    Kept,
    OAuth,
    Refused,
    Row,
    accepted_at,
    case,
    kept_at,
    refused_at,
    together,
)
from .spec import JSON, UNIQUE, Place, operation, operations, resolved, where
from .wire import head

ANY_TEXT = r"^[^\x00]*$"
NOT_STORED = ("search_embeddings", "search_embeddings_batch", "delete_embeddings")


def is_any_text(place: Place) -> bool:
    """Whether any text may stand here that is not too long."""
    schema = resolved(place.schema)
    return (
        place.types == {"string"}
        and not {"enum", "format"} & schema.keys()
        and schema.get("pattern", ANY_TEXT) == ANY_TEXT
        and place.name not in ("cursor", "filter")
    )


TEXTS = [place for place in STRINGS if is_any_text(place) and place.operation.id not in NOT_STORED]
SEARCHED = [
    place
    for place in STRINGS
    if place.operation.id in NOT_STORED
    and (is_any_text(place) or "number" in place.types)
    and "vector" not in place.name
]
FILTERS = where(lambda place: place.kind == "query" and is_any_text(place))
# What has a form: names of things, words of lists, cursors.
FORMED = where(lambda place: place.kind in ("path", "query") and "string" in place.types and not is_any_text(place))
# A unit is any word of ASCII.
FORMED_IN_BODIES = [
    place for place in STRINGS if place.types == {"string"} and not is_any_text(place) and place.format != "ucum"
]
IDS = where(lambda place: place.format == "uuid")
HEADERS = where(lambda place: place.kind == "header")
ID = "019308d4-6e65-7cc0-b5c5-2a0d8f1e4b11"

LOOKALIKES = {
    "NFC": "caf\u00e9",
    "NFD": "cafe\u0301",
    "zero-width": "a\u200bb\u200d\ufeff",
    "RTL": "\u202eש\u202cלום",
    "emoji ZWJ": "👩\u200d🚀👨\u200d👩\u200d👧",
    "Turkish I": "İıIi",
    "4-byte": "𝕏\U0010ffff",
    "controls": "\u0001\t\n\r\u007f\u0085\u2028",
    "noncharacters": "\ufffe\uffff\ufdd0",
}
SQL = [
    "'; DROP TABLE agents; --",
    "' OR '1'='1",
    '" OR ""="',
    "1); DELETE FROM logs; --",
    "' UNION SELECT secret_hash FROM oauth_clients --",
    "'||pg_sleep(30)||'",
    "$$; SELECT pg_sleep(30); $$",
    "\\'; COMMIT; --",
    "E'\\x27'",
    "*/ ' --",
    "$1 %s {0} :name ?",
    "%27%20OR%201=1",
    "name; SELECT 1",
    "created_at_desc, (SELECT 1)",
]


def as_json(texts: list[str]) -> list[str]:
    """Texts in JSON, each with something of its own: of names there is one of each."""
    return [json.dumps(f"{text} {UNIQUE}", ensure_ascii=False) for text in texts]


def as_parameters(texts: list[str]) -> list[str]:
    return [quote(text, safe="") for text in texts]


def bytes_in(places: list[Place], sequences: list[bytes]) -> Cases:
    """Bytes within a JSON text that are no UTF-8."""

    def cases(bench: Bench) -> Iterator[Case]:
        for place, sequence in bench.chosen(places, sequences):
            request = bench.request(place, '"a\ue001b"').replace(
                "\ue001".encode(), sequence + b"?" * (3 - len(sequence))
            )
            yield Case(f"{place} = {sequence!r}", request, MALFORMED, place.operation.method)

    return cases


def names_that_look_alike(bench: Bench) -> Iterator[Case]:
    """They are different keys."""
    name = bench.fresh()
    for maker in ("create_agent", "create_dataset"):
        place = next(one for one in TEXTS if one.operation.id == maker and one.name == "/name")
        for text in (f"caf\u00e9 {name}", f"cafe\u0301 {name}", f"CAFÉ {name}", f"café\u200b {name}", f" café {name} "):
            yield case(bench, place, json.dumps(text), Kept(place, json.dumps(text)))


def one_too_many(bench: Bench) -> Iterator[Case]:
    """A text longer than it may be by a character of four bytes."""
    for place in STRINGS:
        if (most := resolved(place.schema).get("maxLength")) is not None:
            long = json.dumps("𝕏" * (most + 1), ensure_ascii=False)
            yield case(bench, place, long, Refused(422, "invalid_request", place.name))


def the_most(bench: Bench) -> Iterator[Case]:
    """Names as long as they may be, of characters of four bytes that do not compress."""
    for place in TEXTS:
        if place.name == "/name":
            text = "".join(chr(0x20000 + (7919 * n) % 40_000) for n in range(200 - 30))
            text = json.dumps(text + f"{bench.fresh():𝕏>30}", ensure_ascii=False)
            yield case(bench, place, text, Kept(place, text))


def wildcards(bench: Bench) -> Iterator[Case]:
    """What would match everything or something if it were a pattern matches nothing."""
    for id, name, values in (
        ("list_agents", "q", ["na%25e", "na_e", "na.e", "na.*", "^name", "(name|x)", "\\name", "na\\_e"]),
        ("list_agents", "name", ["name%25", "name%20%25", "%25"]),
        ("list_agents", "tag", ["supp%25", "suppor_", "%25"]),
        ("list_logs", "q", ["m%25l", "ma_l", "ma.l", ".*", "%5E", "mai[l]"]),
        ("list_logs", "session_id", ["conversation-%25", "conversation-1_"]),
        ("list_configs", "prefix", ["retr%25", "retr_", "r.*", "%25", "_"]),
        ("list_tool_usage", "tool_name", ["search%25", "search_order_", "search.orders"]),
        ("list_datasets", "name", ["name%25", "%25", "name%20_"]),
        (
            "list_embeddings",
            "filter",
            [quote('{"path":"/chapter","prefix":"ref_nds"}'), quote('{"path":"/chapter","eq":"refund%"}')],
        ),
    ):
        for value in values:
            request = bench.send_to(operation(id), query=f"{name}={value}")
            yield Case(f"{id} {name} = {value}", request, Finds(0))


def upper_case_ids(bench: Bench) -> Iterator[Case]:
    for one in operations():
        if one.id in ("get_agent", "get_log", "get_tool_usage", "get_dataset", "get_embedding", "get_oauth_client"):
            path = bench.path(one, {name: str(id).upper() for name, id in bench.ids.items()})
            yield Case(f"{one.id} {path}", head("GET", path, *bench.lines(one, None)), Accepted())


def odd_header_bytes(bench: Bench) -> Iterator[Case]:
    """A header that says something else than it seems to must not be passed over as if it were not there."""
    for place in HEADERS:
        for value in (b"\x80\xff", "schlüssel".encode(), b'"\xe9"'):
            request = bench.request(place, "\ue001").replace("\ue001".encode(), value)
            expected = Refused(422, "invalid_request", place.name)
            yield Case(f"{place} = {value!r}", request, expected, place.operation.method)


def control_bytes(bench: Bench) -> Iterator[Case]:
    """CR, LF and NUL end no header and begin none."""
    for place in HEADERS:
        for value in (b"a\0b", b"a\x01b", b"a\rX-Injected: 1", b"a\r\n X-Injected: 1"):
            request = bench.request(place, "\ue001").replace("\ue001".encode(), value)
            yield Case(f"{place} = {value!r}", request, Bare((400,), closes=True), place.operation.method)


def forms(bench: Bench) -> Iterator[Case]:
    """The endpoints of tokens, whose errors are those of RFC 6749."""
    odd = ["%00", "%FF", "%C0%80", "%ED%A0%80", "%", "%zz", "a%0d%0aX-Injected:%201", *as_parameters(SQL), "a" * 70_000]
    for id in ("issue_token", "revoke_token", "introspect_token"):
        one = operation(id)
        good = {
            "grant_type": "client_credentials",
            "client_id": "a",
            "client_secret": "b",
            "token": "c",
            "scope": "admin",
        }
        for name in resolved(one.schema)["properties"]:
            for value in odd:
                body = "&".join(f"{key}={text}" for key, text in {**good, name: value}.items())
                yield Case(f"{id} {name} = {value[:60]}", bench.send_to(one, body.encode()), OAuth(), "POST")
        for body in (b"", b"\xff=\xff", b"{}", b"=", b"&" * 1000, b"client_id=a&client_id=b", b"\0"):
            yield Case(f"{id} {body[:20]!r}", bench.send_to(one, body), OAuth(), "POST")
        yield Case(f"{id} in JSON", bench.send_to(one, b"{}", f"Content-Type: {JSON}"), OAuth(), "POST")


INVALID_UTF8 = [b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf5\x80", b"\xc3", b"\xe2\x82", b"\x80"]
ROWS = [
    Row("invalid UTF-8 body -> 400", bytes_in(STRINGS + FREE, INVALID_UTF8)),
    Row(
        "invalid UTF-8 path/query -> 400, overlong %C0%80",
        refused_at(
            IN_PATHS_AND_QUERIES, ["%FF", "%C0%80", "%ED%A0%80", "a%C3", "%F5%80%80%80", "%E2%28%A1"], MALFORMED
        ),
    ),
    Row("invalid UTF-8 header", odd_header_bytes),
    Row(
        "NFC vs NFD names, zero-width, RTL, emoji ZWJ, Turkish I, 4-byte: kept",
        kept_at(TEXTS, as_json(list(LOOKALIKES.values()))),
    ),
    Row("the same, looked for", accepted_at(FILTERS, as_parameters(list(LOOKALIKES.values())))),
    Row("NFC vs NFD names are different keys", names_that_look_alike),
    Row("unique btree value > 2704 B: the longest names", the_most),
    Row("maxLength", one_too_many),
    Row("LIKE % _ \\ escaped; regex not offered", wildcards),
    Row(
        "UUID: braces, urn, no hyphens",
        refused_at(
            [place for place in IDS if place.kind == "body"],
            [
                f'"{id}"'
                for id in (f"{{{ID}}}", f"urn:uuid:{ID}", ID.replace("-", ""), f" {ID}", ID[:-1] + "g", ID[:-1], "")
            ],
        ),
    ),
    Row(
        "UUID: braces, urn, no hyphens in paths",
        refused_at(
            [place for place in IDS if place.kind == "path"],
            [f"%7B{ID}%7D", f"urn:uuid:{ID}", ID.replace("-", ""), f"{ID}%20", ID[:-1] + "g", ID[:-1], "null"],
        ),
    ),
    Row("UUID: upper", upper_case_ids),
    Row(
        "Header/CRLF injection",
        together(
            accepted_at(FILTERS, ["a%0d%0aX-Injected:%201", "%0aX-Injected:1"]),
            refused_at(FORMED, ["a%0d%0aX-Injected:%201", "%0aX-Injected:1"]),
            kept_at(TEXTS, as_json(["a\r\nX-Injected: 1\r\n\r\n"])),
            control_bytes,
        ),
    ),
    Row(
        "SQLi corpus on all strings and sort/filter params",
        together(
            kept_at(TEXTS, as_json(SQL)),
            accepted_at(FILTERS, as_parameters(SQL)),
            refused_at(FORMED, as_parameters(SQL)),
            accepted_at(SEARCHED, [json.dumps(text) for text in SQL]),
            refused_at(FORMED_IN_BODIES, [json.dumps(text) for text in SQL]),
        ),
    ),
    Row("all of it in the forms of OAuth", forms),
]
