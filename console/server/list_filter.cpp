#include "console/server/list_filter.hpp"

#include <algorithm>

#include "base/units.hpp"

namespace bulkhead::console {

namespace api = bulkhead::v1alpha1;

namespace {

bool has_label(const GatewayState& state, const std::string& wanted) {
    const auto equals = wanted.find('=');
    const auto& labels = state.report->status().labels();
    const auto found = labels.find(wanted.substr(0, equals));
    return found != labels.end() &&
           (equals == std::string::npos || found->second == wanted.substr(equals + 1));
}

// The worst comes first.
std::string rank(const std::string& word) {
    if (word == "degraded" || word == "untrusted") return "0";
    if (word == "stale") return "1";
    if (word == "ok" || word == "trusted") return "3";
    return "2";
}

}  // namespace

bool holds(const std::string& text, const std::string& part) {
    const auto same = [](char a, char b) {
        const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
        return lower(a) == lower(b);
    };
    return std::ranges::search(text, part, same).begin() != text.end() || part.empty();
}

bool matches_search(const GatewayState& state, const std::string& name, const std::string& search) {
    const auto& status = state.report->status();
    return holds(name, search) || holds(state.name, search) || holds(status.site(), search) ||
           std::ranges::any_of(status.labels(), [&](const auto& label) {
               return holds(label.first + "=" + label.second, search);
           });
}

bool wants_gateway(const GatewayState& state, const api::ListRequest& request) {
    return (request.gateway().empty() || request.gateway() == state.name) &&
           (request.site().empty() || request.site() == state.report->status().site()) &&
           std::ranges::all_of(request.labels(), [&](const auto& label) { return has_label(state, label); });
}

bool wants(const GatewayState& state, const api::ListRequest& request, const std::string& name,
           const std::string& tenant) {
    return (request.name().empty() || request.name() == name) &&
           (request.tenant().empty() || request.tenant() == tenant) &&
           matches_search(state, name, request.search());
}

std::string sorted_by(const Order& order, const GatewayState& state, const std::string& health,
                      const std::string& attestation) {
    if (order.field == "site") return state.report->status().site();
    if (order.field == "health") return rank(health);
    if (order.field == "attestation") return rank(attestation);
    if (order.field == "last_seen") return state.last_seen ? rfc3339(*state.last_seen) : "";
    return {};
}

}  // namespace bulkhead::console
