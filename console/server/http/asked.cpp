#include "console/server/http/asked.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace bulkhead::console::http {
namespace {

constexpr std::size_t most_messages = 1000;
constexpr std::size_t most_bytes = std::size_t{1024} * 1024;

// Shared: the gateway may answer after we have stopped waiting.
struct Outcome {
    std::shared_ptr<Feed> done =
        std::make_shared<Feed>(1, 1, [](std::uint64_t, std::uint64_t) { return ""; });
    std::mutex mutex;
    std::vector<std::string> messages;
    std::size_t bytes = 0;
    std::optional<Errors> errors;
};

RelayEvents events_into(const std::shared_ptr<Outcome>& outcome) {
    RelayEvents events;
    events.message = [outcome](std::string message) {
        const std::lock_guard lock(outcome->mutex);
        if (outcome->messages.size() >= most_messages || outcome->bytes + message.size() > most_bytes) return;
        outcome->bytes += message.size();
        outcome->messages.push_back(std::move(message));
    };
    events.end = [outcome](const Errors& errors) {
        {
            const std::lock_guard lock(outcome->mutex);
            outcome->errors = errors;
        }
        outcome->done->finish();
    };
    return events;
}

}  // namespace

std::expected<std::vector<std::string>, Errors> ask(Fleet& fleet, Streams& streams, const Viewer& viewer,
                                                    const Asked& asked, std::chrono::milliseconds patience) {
    const auto outcome = std::make_shared<Outcome>();
    streams.adopt(outcome->done);
    auto relayed =
        fleet.call(viewer, asked.gateway, asked.partition, asked.method, asked.request, events_into(outcome));
    if (!relayed) return std::unexpected(Errors{relayed.error()});
    outcome->done->next(patience, outcome->done->take_over());
    const std::lock_guard lock(outcome->mutex);
    const std::optional<Errors>& errors = outcome->errors;
    if (!errors)
        return std::unexpected(Errors{
            outcome->done->finished()
                ? Error{Code::unavailable, "the console stops; the gateway goes on", asked.method, "", ""}
                : Error{Code::timeout, "the gateway has not finished; it goes on", asked.method, "",
                        "look at the gateway's state and events"}});
    if (!errors->empty()) return std::unexpected(*errors);
    return outcome->messages;
}

}  // namespace bulkhead::console::http
