#include "cli/wait.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/units.hpp"
#include "cli/client.hpp"
#include "cli/interrupt.hpp"
#include "cli/joined.hpp"
#include "cli/status_line.hpp"
#include "cli/terminal.hpp"

namespace bulkhead::cli {
namespace {

constexpr auto look_again = std::chrono::milliseconds(400);

bool is_held(const api::PartitionView& partition) {
    return std::ranges::find(partition.conditions(), "held") != partition.conditions().end();
}

Failure timed_out(const std::vector<const api::PartitionView*>& late, std::chrono::milliseconds limit) {
    Failure failure;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(limit);
    for (const auto* partition : late)
        failure.problems.push_back({"timeout", waiting_for(*partition) + " after " + human_age(seconds),
                                    "partition/" + partition->name(), "running, and ok",
                                    "look into it with: bulkhead describe partition " + partition->name()});
    return failure;
}

// In the gateway's own words, each with the place, and what mends it.
Failure refused_by(const api::GatewayView& view) {
    Failure failure;
    for (const auto& detail : view.desired_errors()) failure.problems.push_back(problem_of(detail));
    return failure;
}

}  // namespace

bool is_settled(const api::PartitionView& partition) {
    if (is_held(partition)) return true;
    return partition.state() == "running" && (partition.health() == "ok" || partition.health() == "no agent");
}

std::string waiting_for(const api::PartitionView& partition) {
    std::string text = printable(partition.name(), 64) + " is ";
    if (partition.state() != "running") {
        text += printable(partition.state(), 32);
    } else {
        text += partition.health() == "unknown" ? "not heard of yet" : printable(partition.health(), 32);
    }
    if (!partition.reason().empty()) text += ": " + printable(partition.reason(), 256);
    return text;
}

Outcome<void> wait_until_taken(Context& context, const std::string& gateway, std::uint64_t generation,
                               std::chrono::milliseconds limit) {
    const auto end = std::chrono::steady_clock::now() + limit;
    StatusLine line(context.terminal);
    api::ListRequest request;
    request.set_name(gateway);
    while (true) {
        const auto list = context.client.gateways(request);
        if (!list) return std::unexpected(list.error());
        std::string stands = "the console does not show it";
        for (const auto& view : list->items()) {
            if (view.name() != gateway) continue;
            if (view.generation_applied() >= generation) return {};
            if (view.generation() == generation && view.desired_errors_size() != 0) {
                line.print("Gateway " + gateway + " refused generation " + std::to_string(generation) +
                           "; it goes on with " + std::to_string(view.generation_applied()) + ".");
                return std::unexpected(refused_by(view));
            }
            stands = view.connection() == "connected"
                         ? "it has generation " + std::to_string(view.generation_applied())
                         : "it is " + printable(view.connection(), 32);
        }
        line.show("waiting for gateway " + gateway + ": " + stands);
        if (std::chrono::steady_clock::now() >= end)
            return std::unexpected(Failure(
                Error{Code::timeout,
                      "gateway " + gateway + " has not taken it: " + stands,
                      {},
                      {},
                      "see why with: bulkhead get events --gateway " + gateway + " --code desired."}));
        if (!context.interrupt.sleep(look_again)) return {};
    }
}

Outcome<void> wait_until_settled(Context& context, const std::string& name, std::chrono::milliseconds limit,
                                 const std::string& gateway) {
    const auto end = std::chrono::steady_clock::now() + limit;
    StatusLine line(context.terminal);
    api::ListRequest request;
    request.set_name(name);
    request.set_gateway(gateway);
    std::string said;
    while (true) {
        const auto list = context.client.partitions(request);
        if (!list) return std::unexpected(list.error());
        std::vector<const api::PartitionView*> late;
        std::vector<std::string> words;
        std::string stand;  // without reasons: some of them hold an age, and change at every look
        for (const auto& partition : list->items()) {
            if (is_settled(partition)) continue;
            late.push_back(&partition);
            words.push_back(waiting_for(partition));
            stand += partition.name() + " " + partition.state() + " " + partition.health() + "\n";
        }
        if (late.empty()) return {};
        const auto total = static_cast<std::size_t>(list->items_size());
        const std::string counts =
            std::to_string(total - late.size()) + " of " + std::to_string(total) + " up";
        line.show(bar(total - late.size(), total) + " " + counts + "; " + joined(words));
        if (!context.terminal.lively() && stand != said) {
            line.print("waiting: " + counts + "; " + joined(words));
            said = stand;
        }
        if (std::chrono::steady_clock::now() >= end) return std::unexpected(timed_out(late, limit));
        if (!context.interrupt.sleep(look_again)) return {};
    }
}

Option wait_option() {
    return {.name = "wait", .help = "Wait until what was started is running and ok"};
}

Option timeout_option() {
    return {.name = "timeout",
            .value = "TIME",
            .help = "How long to watch and wait: 90s, 5min, 1h",
            .preset = "5min"};
}

Outcome<std::chrono::milliseconds> timeout_of(const Invocation& args) {
    auto time = parse_duration(args.text("timeout"));
    if (!time) {
        time.error().where = "--timeout";
        return std::unexpected(Failure(time.error(), Exit::usage));
    }
    return *time;
}

}  // namespace bulkhead::cli
