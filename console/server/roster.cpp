#include "console/server/roster.hpp"

#include <ctime>
#include <iomanip>
#include <sstream>

namespace bulkhead::console {

void Roster::put(GatewayState state) {
    auto shared = std::make_shared<const GatewayState>(std::move(state));
    const std::scoped_lock lock(mutex_);
    states_[shared->name] = shared;
}

void Roster::remove(const std::string& name) {
    const std::scoped_lock lock(mutex_);
    states_.erase(name);
}

Roster::State Roster::find(const std::string& name) const {
    const std::scoped_lock lock(mutex_);
    const auto found = states_.find(name);
    return found == states_.end() ? nullptr : found->second;
}

std::vector<Roster::State> Roster::all() const {
    const std::scoped_lock lock(mutex_);
    std::vector<State> all;
    all.reserve(states_.size());
    for (const auto& [name, state] : states_) all.push_back(state);
    return all;
}

void Roster::change(const std::string& name, const std::function<void(GatewayState&)>& edit) {
    const std::scoped_lock lock(mutex_);
    const auto found = states_.find(name);
    if (found == states_.end()) return;
    GatewayState state = *found->second;
    edit(state);
    found->second = std::make_shared<const GatewayState>(std::move(state));
}

std::optional<UtcTime> parse_rfc3339(const std::string& text) {
    std::istringstream in(text);
    std::tm parts{};
    char dot = 0;
    char zone = 0;
    int milliseconds = 0;
    in >> std::get_time(&parts, "%Y-%m-%dT%H:%M:%S") >> dot >> milliseconds >> zone;
    if (!in || dot != '.' || zone != 'Z') return std::nullopt;
    return UtcTime(std::chrono::seconds(::timegm(&parts)) + std::chrono::milliseconds(milliseconds));
}

GatewayState state_of(const GatewayRow& row, const std::string& report) {
    GatewayState state;
    state.name = row.name;
    state.anchor = row.anchor;
    state.enrolled_at = row.enrolled_at;
    state.last_seen = parse_rfc3339(row.last_seen);
    state.generation = row.generation;
    state.generation_applied = row.generation_applied;
    state.refusal = refusal_from_text(row.desired_error);
    state.events_dropped = row.events_dropped;
    auto parsed = std::make_shared<bulkhead::v1alpha1::GatewayReport>();
    if (!parsed->ParseFromString(report)) parsed->Clear();
    state.version = parsed->status().version();
    state.report = std::move(parsed);
    bulkhead::v1alpha1::AttestationResults results;
    if (results.ParseFromString(row.results))
        for (const auto& view : results.items())
            if (const auto at = parse_rfc3339(view.attested_at()))
                state.attested[view.partition()] = {view, *at};
    return state;
}

}  // namespace bulkhead::console
