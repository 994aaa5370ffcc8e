-- For wrk: with arguments it sends the second as a body, or an array of so many of them as the third says. With a first
-- one that is not empty it creates agents, whose names begin with it and are new each time; the second is the rest of
-- the body.
-- Its report is one line of JSON; times are in microseconds.

local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init(arguments)
  local prefix = arguments[1]
  if not prefix then
    return -- the same request again and again, which wrk makes once
  end
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
  if prefix == "" then
    local body, count = arguments[2], tonumber(arguments[3])
    wrk.body = count == 1 and body or "[" .. string.rep(body, count, ",") .. "]"
    return
  end
  local count = 0
  function request()
    count = count + 1
    local name = prefix .. "-" .. number .. "-" .. count
    return wrk.format(nil, nil, nil, '{"name":"' .. name .. '",' .. arguments[2])
  end
end

function done(summary, latency)
  local errors = summary.errors
  print(string.format(
    '{"requests":%d,"duration":%d,"p50":%d,"p90":%d,"p99":%d,"max":%d,"errors":%d}',
    summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(90), latency:percentile(99), latency.max,
    errors.connect + errors.read + errors.write + errors.timeout + errors.status))
end
