-- wrk -s load.lua URL -- COOKIES BODY
--
-- Posts the file BODY again and again, each time with the next line of the
-- file COOKIES.  Prints what wrk measured as one line of JSON, the last one.

local requests = {}
local last = 0


function init(args)
    local file = assert(io.open(args[2]))
    local body = file:read("*a")
    file:close()

    for cookie in io.lines(args[1]) do
        local headers = {
            ["Content-Type"] = "application/json",
            ["Cookie"] = cookie,
        }
        requests[#requests + 1] = wrk.format("POST", nil, headers, body)
    end
end


function request()
    last = last % #requests + 1
    return requests[last]
end


-- times in microseconds
function done(summary, latency)
    local errors = summary.errors

    print(string.format(
        '{"requests": %d, "time": %d, "p50": %d, "p99": %d, '
            .. '"refused": %d, "failed": %d}',
        summary.requests, summary.duration,
        latency:percentile(50), latency:percentile(99), errors.status,
        errors.connect + errors.read + errors.write + errors.timeout))
end
