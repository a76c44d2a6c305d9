#include "console/server/http/asked.hpp"
#include "console/server/http/body.hpp"
#include "console/server/http/json.hpp"
#include "console/server/http/query.hpp"
#include "console/server/http/routes.hpp"

namespace bulkhead::console::http {
namespace {

constexpr std::size_t longest_reason = 512;

Asked of(const Call& call, std::string method, std::string request) {
    return {call.name("gateway"), call.name("partition"), std::move(method), std::move(request)};
}

Code code_named(std::string_view name) {
    for (int value = 0; value <= static_cast<int>(Code::internal); ++value)
        if (code_name(static_cast<Code>(value)) == name) return static_cast<Code>(value);
    return Code::internal;
}

Response run(Fleet& fleet, Streams& streams, const Call& call, api::SetRunRequest::Run what,
             std::chrono::milliseconds patience) {
    api::SetRunRequest request;
    request.set_gateway(call.name("gateway"));
    request.set_partition(call.name("partition"));
    request.set_run(what);
    const auto messages =
        ask(fleet, streams, call.viewer, of(call, "SetRun", request.SerializeAsString()), patience);
    if (!messages) return refusal(messages.error());
    Json items = Json::array();
    for (const auto& message : *messages) {
        api::Progress progress;
        if (!progress.ParseFromString(message)) continue;
        if (progress.state() == api::Progress::finished && progress.has_error()) {
            const auto& error = progress.error();
            return refusal(
                Error{code_named(error.code()), error.what(), error.where(), error.wanted(), error.mend()});
        }
        items.push_back(to_json(progress));
    }
    return answer({{"items", std::move(items)}});
}

Response set_lock(Fleet& fleet, Streams& streams, const Call& call, bool locked,
                  std::chrono::milliseconds patience) {
    api::SetLockRequest request;
    request.set_gateway(call.name("gateway"));
    request.set_partition(call.name("partition"));
    request.set_locked(locked);
    if (locked) {
        const auto body = Body::read(call.request.body, {"reason"});
        if (!body) return refusal(body.error());
        auto reason = body->text("reason", longest_reason);
        if (!reason) return refusal(reason.error());
        request.set_reason(*std::move(reason));
    }
    const auto messages =
        ask(fleet, streams, call.viewer, of(call, "SetLock", request.SerializeAsString()), patience);
    return messages ? no_content() : refusal(messages.error());
}

std::string lost_lines(std::uint64_t lines, std::uint64_t /*size*/) {
    return event_text("lost", text_of({{"lines", lines}}));
}

Response logs(Fleet& fleet, Streams& streams, const Call& call) {
    constexpr std::size_t most_lines = 2000, most_bytes = std::size_t{1024} * 1024;
    const auto asked = log_window(call.request.query);
    if (!asked) return refusal(asked.error());
    api::LogsRequest request;
    request.set_gateway(call.name("gateway"));
    request.set_partition(call.name("partition"));
    request.set_lines(asked->lines);
    request.set_follow(asked->follow);
    const auto feed = std::make_shared<Feed>(most_lines, most_bytes, lost_lines);
    RelayEvents events;
    events.message = [feed](const std::string& message) {
        api::LogLine line;
        if (line.ParseFromString(message)) feed->push(event_text("line", text_of(to_json(line))));
    };
    events.end = [feed](const Errors& errors) { feed->finish(event_text("end", text_of(to_json(errors)))); };
    auto relayed = fleet.call(call.viewer, call.name("gateway"), call.name("partition"), "Logs",
                              request.SerializeAsString(), std::move(events));
    if (!relayed) return refusal(relayed.error());
    auto source = streams.open({call.viewer.user, feed, std::shared_ptr<RelayedCall>(*std::move(relayed)),
                                still_may(fleet, call, Right::read_output)});
    if (!source) return refusal(source.error());
    Response response;
    response.events = *std::move(source);
    return response;
}

}  // namespace

std::vector<Route> partition_routes(Fleet& fleet, Streams& streams, std::chrono::milliseconds patience) {
    const std::string partition = "/api/v1/gateways/{gateway}/partitions/{partition}";
    const auto runs = [&fleet, &streams, patience](api::SetRunRequest::Run what) {
        return [&fleet, &streams, patience, what](const Call& call) {
            return run(fleet, streams, call, what, patience);
        };
    };
    const auto locks = [&fleet, &streams, patience](bool locked) {
        return [&fleet, &streams, patience, locked](const Call& call) {
            return set_lock(fleet, streams, call, locked, patience);
        };
    };
    return {{"POST", partition + "/start", runs(api::SetRunRequest::start)},
            {"POST", partition + "/stop", runs(api::SetRunRequest::stop)},
            {"POST", partition + "/restart", runs(api::SetRunRequest::restart)},
            {"POST", partition + "/lock", locks(true)},
            {"POST", partition + "/unlock", locks(false)},
            {"GET", partition + "/logs", [&](const Call& call) { return logs(fleet, streams, call); }}};
}

}  // namespace bulkhead::console::http
