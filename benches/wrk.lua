-- For wrk: GET, or with a file as the first argument POST of its lines in turn. With a prefix as the second the bodies are
-- agents without their name, which begins with it and is new each time.
-- Its report is one line of JSON; times are in microseconds.

local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init(arguments)
  local file, prefix = arguments[1], arguments[2]
  if not file then
    return -- the same request again and again, which wrk makes once
  end
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
  local bodies, requests, count = {}, {}, 0
  for line in io.lines(file) do
    bodies[#bodies + 1] = line
    requests[#requests + 1] = not prefix and wrk.format(nil, nil, nil, line) or nil
  end
  if prefix then
    function request()
      count = count + 1
      return wrk.format(nil, nil, nil, '{"name":"' .. prefix .. "-" .. number .. "-" .. count .. '",' .. bodies[1]:sub(2))
    end
  elseif #bodies == 1 then
    wrk.body = bodies[1]
  else
    count = number * 131 -- every thread begins elsewhere
    function request()
      count = count + 1
      return requests[count % #requests + 1]
    end
  end
end

function done(summary, latency)
  local errors = summary.errors
  print(string.format(
    '{"requests":%d,"duration":%d,"p50":%d,"p99":%d,"errors":%d}',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.timeout + errors.status))
end
