#include "passthrough/serial_lines.hpp"

#include <algorithm>
#include <chrono>

#include "passthrough/owner_connection.hpp"

namespace bulkhead::passthrough {
namespace {

using namespace std::chrono_literals;

// The slowest line has 1200 bit/s, and 12 bits a character.
constexpr std::chrono::milliseconds longest_test(std::uint32_t bytes) {
    return 5s + 2 * std::chrono::milliseconds(bytes * 12 * 1000 / 1200);
}

}  // namespace

Result<LineTestResult> SerialLines::test(const model::DeviceName& device, std::uint32_t bytes) const {
    // No two tests of one owner have one number, whoever asks.
    const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
    const LineTestOrder order{std::max(1U, static_cast<std::uint32_t>(now / 1000)), bytes};
    BULKHEAD_TRY_ASSIGN(auto owner, OwnerConnection::open(control(device)));
    return owner.test(order, longest_test(bytes));
}

std::vector<std::string> SerialLines::own_arguments(const model::Assignment& assignment) const {
    std::vector<std::string> own{"--line", model::to_string(assignment.line)};
    if (auto rules = to_string(assignment.rules); !rules.empty()) {
        own.emplace_back("--guard");
        own.push_back(std::move(rules));
    }
    if (assignment.line.turns) {
        own.emplace_back("--through");
        own.push_back(shared_.terminal(assignment).string());
    }
    return own;
}

std::set<std::string> SerialLines::shared_places_but(const model::DeviceName& device) const {
    std::set<std::string> places;
    for (const auto& each : all_but(device))
        if (each.line.turns) places.insert(each.at);
    return places;
}

// Whoever had the device before has no turns any more, so that no answer to it is heard by the next one.
Result<> SerialLines::prepare(const model::Assignment& wanted) {
    for (const auto& record : recorded())
        if (record.device == wanted.device && record.token != wanted.token && record.line.turns)
            BULKHEAD_TRY(shared_.leave(record));
    auto places = shared_places_but(wanted.device);
    if (!wanted.line.turns) return shared_.end_all_but(places);
    BULKHEAD_TRY(mark(wanted.device));
    places.insert(wanted.at);
    BULKHEAD_TRY(shared_.end_all_but(places));
    return shared_.join(wanted);
}

bool SerialLines::is_prepared(const model::Assignment& assignment) const {
    if (!assignment.line.turns) return true;
    const auto state = shared_.look(assignment.at);
    return state && state->line == assignment.line && state->turns.contains(assignment.device);
}

void SerialLines::look_further(Hold& hold) const {
    if (!hold.assignment.line.turns) return;
    const auto state = shared_.look(hold.assignment.at);
    if (!state) return;
    const auto own = state->turns.find(hold.assignment.device);
    if (own == state->turns.end()) return;
    hold.turns = LineTurns{own->second, static_cast<unsigned>(state->turns.size()), state->stray_bytes};
}

Result<> SerialLines::give_back(const model::DeviceName& device, const model::Assignment* last) {
    if (last != nullptr && last->line.turns) BULKHEAD_TRY(shared_.leave(*last));
    return shared_.end_all_but(shared_places_but(device));
}

}  // namespace bulkhead::passthrough
