"""Input, HTTP: heads, lengths and connections that are not what they say, or too large."""

from __future__ import annotations

import json
from collections.abc import Iterator

from .bench import Bench
from .postgres_facts import TAKERS_OF_JSON
from .row import Accepted, Bare, Case, Refused, Row
from .spec import JSON, operation, operations, resolved, where
from .wire import head

MIB = 1024 * 1024
TOO_LARGE = Refused(413, "too_large")
LARGE = ("create_log_batch", "create_metric_batch", "create_tool_usage_batch", "create_embeddings")
# Bodies that may have no more than a mebibyte.
ORDINARY = [one for one in TAKERS_OF_JSON if one.id not in LARGE]
READERS = [one for one in operations() if one.method == "GET" and one.is_secured]
GOOD = {"date-time": "2026-11-23T09:30:00Z", "time-zone": "UTC", "metric-name": "a", "hex": "ab" * 16}
GET = head("GET", "/healthz")
CREATE = operation("create_agent")


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


def parameters_twice(bench: Bench) -> Iterator[Case]:
    """Only one would be read, so that two statuses looked like one."""
    for place in where(lambda place: place.kind == "query"):
        one = place.operation
        parameter = next(other for other in one.parameters("query") if other["name"] == place.name)
        if parameter["schema"].get("type") != "array":
            good = str(resolved(place.schema).get("enum", [GOOD.get(place.format or place.name, "1")])[0])
            query = "&".join(filter(None, [one.query(place.name), f"{place.name}={good}&{place.name}={good}"]))
            yield Case(
                str(place), bench.send_to(one, query=query), Refused(422, "invalid_request", place.name), one.method
            )


def headers_twice(bench: Bench) -> Iterator[Case]:
    """Only the first would be read."""
    twice = Refused(400, "malformed_request")
    for one in (one for one in operations() if one.is_secured):
        body = json.dumps(one.bodies()[0]).encode() if one in TAKERS_OF_JSON else None
        lines = {"Content-Encoding": ("Content-Encoding: identity", "Content-Encoding: identity")}
        if body is not None:
            lines["Content-Type"] = (f"Content-Type: {JSON}", f"Content-Type: {JSON}")
        for parameter in one.parameters("header"):
            if parameter["name"] in ("Idempotency-Key", "Last-Event-ID"):
                lines[parameter["name"]] = (f"{parameter['name']}: 1", f"{parameter['name']}: 2")
        for name, more in lines.items():
            yield Case(f"{one.id} {name}", bench.send_to(one, body, *more), twice, one.method)


ROWS = [
    Row("body > limit -> 413 before reading all; jsonb string > 256 MB", lengths_that_are_too_large),
    Row("body > limit by a byte, also chunked w/o length", a_byte_too_many),
    Row("lying Content-Length", lengths_that_lie),
    Row("pipelined requests", pipelined),
    Row("CL+TE", smuggled),
    Row("2 Host headers", heads),
    Row("100-continue", expectations),
    Row("wrong Accept", accepts),
    Row("64 kB URL -> 414", long_urls),
    Row("10k headers -> 431", large_heads),
    Row("HEAD", answered_as_get),
    Row("OPTIONS", options),
    Row("method override ignored", overrides),
    Row("a parameter twice", parameters_twice),
    Row("a header twice", headers_twice),
]
