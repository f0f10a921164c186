-- Requests the paths in a file one after the other. At the end prints all latencies with their counts, because quantiles of
-- separate slices cannot be combined.
local requests, at = {}, 0

function init(arguments)
  for path in io.lines(arguments[1]) do
    requests[#requests + 1] = wrk.format("GET", path)
  end
  local pause = tonumber(arguments[2])
  if pause > 0 then
    function delay() return pause end
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency)
  local counts = {}
  for i = 1, #latency do
    local microseconds, count = latency(i)
    counts[i] = string.format("[%d,%d]", microseconds, count)
  end
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format('\nFIGURES {"requests":%d,"microseconds":%d,"failed":%d,"latencies":[%s]}\n',
    summary.requests, summary.duration, failed, table.concat(counts, ",")))
end
