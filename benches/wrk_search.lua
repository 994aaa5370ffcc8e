-- Searches, one after the other: wrk … -s wrk_search.lua URL -- FILE, which has the body of a request on each line.
local bodies, threads = {}, 0

function setup(thread)
    thread:set("offset", threads)
    threads = threads + 1
end

function init(args)
    for line in io.lines(args[1]) do
        bodies[#bodies + 1] = line
    end
    wrk.method = "POST"
    wrk.headers["Content-Type"] = "application/json"
    at = offset * 131
end

function request()
    at = at % #bodies + 1
    return wrk.format(nil, nil, nil, bodies[at])
end

function done(summary, latency, requests)
    local errors = summary.errors
    io.write(string.format(
        '\n{"requests":%d,"duration":%d,"p50":%d,"p90":%d,"p99":%d,"max":%d,"errors":%d}\n',
        summary.requests, summary.duration, latency:percentile(50), latency:percentile(90), latency:percentile(99),
        latency.max, errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
