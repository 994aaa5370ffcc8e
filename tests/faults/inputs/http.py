"""Input, HTTP: bodies, heads and connections that are not what they say, or too large."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from functools import cache

from .bench import Bench
from .postgres_facts import TAKERS_OF_JSON
from .row import MALFORMED, Accepted, Bare, Case, Refused, Row, bodies, case, refused_at
from .spec import JSON, operation, operations, resolved, where
from .wire import head

MIB = 1024 * 1024
TOO_LARGE = Refused(413, "too_large")
UNSUPPORTED = Refused(415, "unsupported_media_type")
LARGE = ("create_log_batch", "create_metric_batch", "create_tool_usage_batch", "create_embeddings")
# Bodies that may have no more than a mebibyte.
ORDINARY = [one for one in TAKERS_OF_JSON if one.id not in LARGE]
ARRAYS = where(lambda place: place.kind == "body" and "array" in place.types)
LINES = [operation("import_embeddings")]
READERS = [one for one in operations() if one.method == "GET" and one.is_secured]
WORDS = where(lambda place: place.kind == "body" and "enum" in resolved(place.schema))
GET = head("GET", "/healthz")
CREATE = operation("create_agent")


@cache
def bomb() -> bytes:
    """Forty mebibytes in forty kilobytes."""
    return gzip.compress(b"[" + b" " * (40 * MIB), 9)


def raw(where: str, request: bytes, statuses: tuple[int, ...], *, closes: bool) -> Case:
    """Bytes over a connection of their own."""
    return Case(where, request, Bare(statuses, closes))


def lengths_that_are_too_large(bench: Bench) -> Iterator[Case]:
    """Nothing of the body is sent, so nothing can have been read. A string of 300 MB in jsonb is too long as well (54000)."""
    for one in TAKERS_OF_JSON:
        for length in (40 * MIB, 300_000_000, 10**15):
            lines = bench.lines(one, b"", f"Content-Length: {length}")
            lines.remove("Content-Length: 0")
            yield Case(f"{one.id} {length}", head(one.method, bench.path(one), *lines), TOO_LARGE, one.method)


def a_byte_too_many(bench: Bench) -> Iterator[Case]:
    for one in ORDINARY:
        body = json.dumps(one.bodies()[0]).encode()
        body += b" " * (MIB + 1 - len(body))
        yield Case(f"{one.id} with a length", bench.send_to(one, body), TOO_LARGE, one.method)
        chunked = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:1000], body[1000:])) + b"0\r\n\r\n"
        lines = bench.lines(one, b"", "Transfer-Encoding: chunked")
        lines.remove("Content-Length: 0")
        yield Case(f"{one.id} in chunks", head(one.method, bench.path(one), *lines) + chunked, TOO_LARGE, one.method)


def lengths_that_lie(bench: Bench) -> Iterator[Case]:
    """What is behind the length is the next request, and is none."""
    body = b'{"name":"lying"}'
    for length, statuses in ((5, (400, 400)), (len(body) - 1, (400, 400))):
        lines = bench.lines(CREATE, b"", f"Content-Length: {length}")
        lines.remove("Content-Length: 0")
        yield raw(f"{length} of {len(body)}", head("POST", "/agents", *lines) + body, statuses, closes=True)
    for length in ("-1", "+5", "5, 5", "0x5", "5\r\nContent-Length: 6", "99999999999999999999"):
        lines = [f"Authorization: Bearer {bench.token}", f"Content-Type: {JSON}", f"Content-Length: {length}"]
        yield raw(repr(length), head("POST", "/agents", *lines) + body, (400,), closes=True)


def broken_gzip(bench: Bench) -> Iterator[Case]:
    for one in TAKERS_OF_JSON:
        good = gzip.compress(json.dumps(one.bodies()[0]).encode())
        for body in (b"{}", good[:-5], good[: len(good) // 2], good + b"x", b""):
            yield Case(
                f"{one.id} {body[:8]!r}", bench.send_to(one, body, "Content-Encoding: gzip"), MALFORMED, one.method
            )


def smuggled(bench: Bench) -> Iterator[Case]:
    """By its length the second request is a part of the first one's body, by its chunks it stands alone."""
    both = head("POST", "/oauth/token", f"Content-Length: {len(GET) + 5}", "Transfer-Encoding: chunked")
    yield raw("CL+TE", both + b"0\r\n\r\n" + GET, (400,), closes=True)
    yield raw("TE that is not last", head("POST", "/agents", "Transfer-Encoding: chunked, gzip"), (400,), closes=True)
    yield raw("TE in disguise", head("POST", "/agents", "Transfer-Encoding: xchunked"), (400,), closes=True)
    yield raw("a space before the colon", head("GET", "/healthz", "X : a"), (400,), closes=True)
    yield raw("a folded line", head("GET", "/healthz", "X: a\r\n b"), (400,), closes=True)
    yield raw(
        "a bad chunk",
        head(
            "POST",
            "/agents",
            f"Authorization: Bearer {bench.token}",
            f"Content-Type: {JSON}",
            "Transfer-Encoding: chunked",
        )
        + b"zz\r\n{}\r\n",
        (400,),
        closes=True,
    )


def heads(bench: Bench) -> Iterator[Case]:
    yield raw("two Hosts", head("GET", "/healthz", "Host: other"), (400,), closes=False)
    yield raw("no Host", b"GET /healthz HTTP/1.1\r\n\r\n", (400,), closes=False)
    yield raw("a Host with NUL", head("GET", "/healthz", host="a\0b"), (400,), closes=True)
    yield raw("no HTTP", b"NONSENSE\r\n\r\n", (400,), closes=True)
    yield raw("no version", b"GET /healthz\r\n\r\n", (400,), closes=True)
    yield raw("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 32, (400,), closes=True)


def large_heads(bench: Bench) -> Iterator[Case]:
    yield raw("10,000 headers", head("GET", "/healthz", *(f"X-{n}: x" for n in range(10_000))), (431,), closes=True)
    yield raw("101 small ones", head("GET", "/healthz", *(f"X-{n}: x" for n in range(101))), (431,), closes=True)
    yield raw("one of 70 kB", head("GET", "/healthz", "X: " + "x" * 70_000), (431,), closes=True)


def long_urls(bench: Bench) -> Iterator[Case]:
    # 431, because the head as a whole is too large before its URL is.
    yield raw("a path of 70 kB", head("GET", "/" + "x" * 70_000), (431,), closes=True)
    yield raw("a query of 70 kB", head("GET", "/agents?q=" + "x" * 70_000), (431,), closes=True)
    one = operation("list_agents")
    request = bench.send_to(one, query="q=" + "x" * 60_000)
    yield Case("a query of 60 kB", request, Refused(422, "invalid_request", "q"))
    yield Case("a path of 60 kB", head("GET", "/" + "x" * 60_000), Refused(404, "not_found"))


def pipelined(bench: Bench) -> Iterator[Case]:
    missing = head("GET", "/nothing")
    refused = bench.send_to(CREATE, b"{}")
    yield raw("GETs", GET + missing + GET, (200, 404, 200), closes=False)
    yield raw("with bodies", refused + GET + refused + GET, (422, 200, 422, 200), closes=False)


def expectations(bench: Bench) -> Iterator[Case]:
    """Who asks before sending a body that is too large is not told to go on."""
    lines = [f"Authorization: Bearer {bench.token}", f"Content-Type: {JSON}", f"Content-Length: {2 * MIB}"]
    yield raw("too large", head("POST", "/agents", *lines, "Expect: 100-continue"), (413,), closes=True)
    yield raw("without a token", head("POST", "/agents", *lines[1:], "Expect: 100-continue"), (401,), closes=True)


def million_items(bench: Bench) -> Iterator[Case]:
    """Where so large a body is taken it is refused in its place; elsewhere as a body."""
    for number, place in enumerate(ARRAYS):
        sizes = [("0", 1_000_000), ("{}", 200_000), ('""', 200_000)]
        # Each takes a second in a debug build.
        for item, count in sizes[number % 3 :][:1] if bench.short else sizes:
            if bench.short and number % 5:
                continue
            text = "[" + f"{item}," * (count - 1) + item + "]"
            large = place.operation.id not in LARGE and len(text) > MIB
            expected = TOO_LARGE if large else Refused(422, "invalid_request", place.name, inside=True)
            yield Case(f"{place} {count} of {item}", bench.request(place, text), expected, place.operation.method)
    for one in TAKERS_OF_JSON:
        if one.schema.get("type") == "array":
            example = json.dumps(one.bodies()[0][0])
            for count, item in ((10_001, example), (1_000_000, "{}")):
                body = f"[{f'{item},' * (count - 1)}{item}]".encode()
                expected = Refused(422, "invalid_request", "", inside=True)
                yield Case(f"{one.id} {count} items", bench.send_to(one, body), expected, one.method)


def answered_as_get(bench: Bench) -> Iterator[Case]:
    """HEAD is GET without a body, of what is there and of what is not. Streams do not end."""
    for one in READERS:
        if one.id not in ("tail_logs", "watch_configs"):
            request = bench.send_to(one).replace(b"GET ", b"HEAD ", 1)
            yield Case(one.id, request, Accepted(), "HEAD")
    yield Case("nothing", head("HEAD", "/nothing"), Refused(404, "not_found"), "HEAD")


def options(bench: Bench) -> Iterator[Case]:
    for one in operations():
        request = head("OPTIONS", bench.path(one))
        yield Case(one.path, request, Refused(405, "method_not_allowed"), "OPTIONS")
    yield Case("*", head("OPTIONS", "*"), Refused(404, "not_found"), "OPTIONS")


def overrides(bench: Bench) -> Iterator[Case]:
    """What a header says is not what is done."""
    for one in READERS:
        for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
            yield Case(f"{one.id} {name}", bench.send_to(one, None, f"{name}: DELETE"), Accepted())
        if one.id == "get_metrics":
            continue  # has no answer 422 and ignores what it does not know
        query = "&".join(filter(None, [one.query(), "_method=DELETE"]))
        yield Case(f"{one.id} _method", bench.send_to(one, query=query), Refused(422, "invalid_request", "_method"))


def accepts(bench: Bench) -> Iterator[Case]:
    """There is one form of each answer, and RFC 9110 §12.5.1 lets a server send it whatever is wanted: no answer is 406."""
    for one in READERS:
        for wanted in ("text/html", "application/xml;q=1, */*;q=0", "nonsense", "image/*"):
            yield Case(f"{one.id} {wanted}", bench.send_to(one, None, f"Accept: {wanted}"), Accepted())


def wrong_types(bench: Bench) -> Iterator[Case]:
    types = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml"]
    types += ["application/problem+json", "application/jsonx", "application/json; charset=utf-16", "nonsense", ""]
    for one in TAKERS_OF_JSON + LINES:
        for kind in [*types, "application/json" if one in LINES else "application/octet-stream"]:
            request = bench.send_to(one, b"{}", f"Content-Type: {kind}")
            yield Case(f"{one.id} {kind}", request, UNSUPPORTED, one.method)
        lines = [line for line in bench.lines(one, b"{}") if not line.startswith("Content-Type")]
        yield Case(f"{one.id} none", head(one.method, bench.path(one), *lines) + b"{}", UNSUPPORTED, one.method)
        for coding in ("br", "deflate", "compress", "gzip, gzip", "nonsense"):
            request = bench.send_to(one, b"{}", f"Content-Encoding: {coding}")
            yield Case(f"{one.id} {coding}", request, UNSUPPORTED, one.method)


def not_json(bench: Bench) -> Iterator[Case]:
    """Each around a body that would be good."""
    for one in TAKERS_OF_JSON:
        text = json.dumps(one.bodies()[0])
        for name, body in {
            "trailing data": text.encode() + b" {}",
            "trailing NUL": text.encode() + b"\0",
            "trailing comma": text.encode()[:-1] + b"," + text.encode()[-1:],
            "two": text.encode() * 2,
            "lines of it": text.encode() + b"\n" + text.encode(),
            "cut off": text.encode()[:-1],
            "a comment": text.encode() + b"//",
            "single quotes": text.replace('"', "'").encode(),
            "empty": b"",
            "blank": b" \r\n\t",
            "BOM": b"\xef\xbb\xbf" + text.encode(),
            "UTF-16": text.encode("utf-16"),
            "UTF-16 without BOM": text.encode("utf-16-le"),
            "UTF-32": text.encode("utf-32-be"),
            "UTF-7": b"+AHsAfQ-",
            "a form": b"name=x",
        }.items():
            yield Case(f"{one.id}: {name}", bench.send_to(one, body), MALFORMED, one.method)


def other_kinds_of_json(bench: Bench) -> Iterator[Case]:
    """Good JSON, and not what a body is."""
    for one in TAKERS_OF_JSON:
        for body in (b"null", b"true", b"17", b'"text"', b"[[]]" if one.schema.get("type") == "array" else b"[]"):
            yield Case(
                f"{one.id}: {body!r}",
                bench.send_to(one, body),
                Refused(422, "invalid_request", "", inside=True),
                one.method,
            )


def words_in_objects(bench: Bench) -> Iterator[Case]:
    """As Rust's serde writes enumerations that have more than words."""
    for place in WORDS:
        word = resolved(place.schema)["enum"][0]
        yield case(bench, place, f'{{"{word}":null}}', Refused(422, "invalid_request", place.name, inside=True))


def members_twice(bench: Bench) -> Iterator[Case]:
    """Two readers could read two things."""
    for place in where(lambda place: place.kind == "body" and place.name.count("/") == 1 and place.is_exemplary):
        if isinstance(place.operation.bodies()[0], dict):
            name = json.dumps(place.name[1:])
            value = bench.value_of(place)
            request = bench.request(place, f"{value}, {name}: {value}")
            yield Case(str(place), request, Refused(422, "invalid_request", place.name), place.operation.method)


def members_that_are_not_there(bench: Bench) -> Iterator[Case]:
    """Nobody sets what the server sets, or misspells a member unnoticed."""
    for one in TAKERS_OF_JSON:
        for name in ("tenant_id", "tenant", "created_at", "updated_at", "deleted_at", "__proto__", "Name", ""):
            body = one.bodies()[0]
            first = body[0] if isinstance(body, list) else body
            text = json.dumps([{**first, name: 1}] if isinstance(body, list) else {**first, name: 1})
            place = f"/0/{name}" if isinstance(body, list) else f"/{name}"
            yield Case(
                f"{one.id} {name!r}",
                bench.send_to(one, text.encode()),
                Refused(422, "invalid_request", place),
                one.method,
            )


ROWS = [
    Row("body > limit -> 413 before reading all; jsonb string > 256 MB", lengths_that_are_too_large),
    Row("body > limit by a byte, also chunked w/o length", a_byte_too_many),
    Row("lying Content-Length", lengths_that_lie),
    Row("gzip bomb", lambda bench: bodies(TAKERS_OF_JSON, bomb(), TOO_LARGE, "Content-Encoding: gzip")(bench)),
    Row("gzip that is none", broken_gzip),
    Row("pipelined requests", pipelined),
    Row("CL+TE", smuggled),
    Row("2 Host headers", heads),
    Row("100-continue", expectations),
    Row("wrong content type 415", wrong_types),
    Row("wrong Accept", accepts),
    Row("trailing data after JSON; empty body; BOM; UTF-16", not_json),
    Row("JSON of another kind", other_kinds_of_json),
    Row("a word that is none", refused_at(WORDS, ["{}", "[]", "17", "true", '""', '"no such word"', '{"a":1}'])),
    Row("a word in an object", words_in_objects),
    Row("duplicate keys of a body", members_twice),
    Row("unknown fields; tenant_id, version, created_at in bodies", members_that_are_not_there),
    Row("1e6-element arrays (maxItems)", million_items),
    Row("64 kB URL -> 414", long_urls),
    Row("10k headers -> 431", large_heads),
    Row("HEAD", answered_as_get),
    Row("OPTIONS", options),
    Row("method override ignored", overrides),
]
