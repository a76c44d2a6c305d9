#include "partition-manager/daemon/traffic_view.hpp"

#include <algorithm>

#include "bulkhead/v1alpha1/api_version.hpp"
#include "partition-manager/daemon/conduits_in_force.hpp"
#include "vnet/bpf/layout.h"

namespace bulkhead::daemon {
namespace {

constexpr std::size_t most_rows = 1000;
constexpr std::uint32_t reported_rows = 100;

std::string transport_name(std::uint8_t transport) {
    if (transport == 1) return "icmp";
    if (transport == 6) return "tcp";
    if (transport == 17) return "udp";
    return transport == 0 ? "" : "protocol " + std::to_string(transport);
}

std::string service_text(std::uint8_t transport, std::uint16_t port) {
    const std::string name = transport_name(transport);
    return port == 0 || (transport != 6 && transport != 17) ? name : name + "/" + std::to_string(port);
}

std::string end_text(const std::string& address, std::uint16_t port, std::uint8_t transport) {
    if (transport != 6 && transport != 17) return address;
    const bool six = address.find(':') != std::string::npos;
    return (six ? "[" + address + "]" : address) + ":" + std::to_string(port);
}

// Moments of the kernel's monotonic clock, as people read them.
class Moments {
  public:
    explicit Moments(const Clock& clock) : utc_(clock.utc()), now_(clock.monotonic()) {}

    std::string text(std::uint64_t nanoseconds) const {
        return rfc3339(utc_ - std::chrono::duration_cast<std::chrono::milliseconds>(age(nanoseconds)));
    }
    std::uint64_t seconds(std::uint64_t nanoseconds) const {
        return static_cast<std::uint64_t>(
            std::chrono::duration_cast<std::chrono::seconds>(age(nanoseconds)).count());
    }

  private:
    std::chrono::nanoseconds age(std::uint64_t nanoseconds) const {
        const auto then = MonotonicTime(std::chrono::nanoseconds(nanoseconds));
        return std::max(now_ - then, std::chrono::nanoseconds(0));
    }
    UtcTime utc_;
    MonotonicTime now_;
};

bool wanted(const v1alpha1::ListRequest& request, const End& from, const End& to) {
    const auto& tenant = request.tenant();
    const auto& name = request.name();
    return (tenant.empty() || from.tenant.str() == tenant || to.tenant.str() == tenant) &&
           (name.empty() || from.name == name || to.name == name);
}

std::size_t limit_of(const v1alpha1::ListRequest& request) {
    return request.page_size() == 0 ? most_rows : std::min<std::size_t>(request.page_size(), most_rows);
}

// The wanted ones of `all` with their ends, the latest first.
template <class Item, class When>
std::vector<const Item*> chosen(const std::vector<Item>& all, const v1alpha1::ListRequest& request,
                                const Ends& ends, When Item::* when) {
    std::vector<const Item*> items;
    for (const Item& item : all)
        if (wanted(request, ends.of(item.from), ends.of(item.to))) items.push_back(&item);
    std::ranges::stable_sort(items, [when](const Item* a, const Item* b) { return a->*when > b->*when; });
    return items;
}

}  // namespace

Result<v1alpha1::DenialList> denials(const SwitchSources& sources, const v1alpha1::ListRequest& request) {
    const auto snapshot = sources.board.current();
    v1alpha1::DenialList list;
    list.set_apiversion(v1alpha1::api_version);
    if (!snapshot->spec) return list;
    BULKHEAD_TRY_ASSIGN(const auto traffic, sources.traffic());
    const Ends ends(*snapshot->spec);
    const Moments moments(sources.clock);
    auto items = chosen(traffic.denials, request, ends, &vnet::Denial::last);
    list.set_total(items.size());
    items.resize(std::min(items.size(), limit_of(request)));
    for (const auto* denial : items) {
        auto& view = *list.add_items();
        view.set_gateway(snapshot->spec->gateway.str());
        view.set_from(ends.of(denial->from).name);
        view.set_to(ends.of(denial->to).name);
        view.set_address(denial->address);
        view.set_service(service_text(denial->transport, denial->port));
        view.set_reason(denial->reason);
        view.set_count(denial->count);
        view.set_last(moments.text(denial->last));
        view.set_last_seconds(moments.seconds(denial->last));
    }
    return list;
}

Result<v1alpha1::FlowList> flows(const SwitchSources& sources, const v1alpha1::ListRequest& request) {
    const auto snapshot = sources.board.current();
    v1alpha1::FlowList list;
    list.set_apiversion(v1alpha1::api_version);
    if (!snapshot->spec) return list;
    BULKHEAD_TRY_ASSIGN(const auto all, sources.flows(SWITCH_CONNECTIONS));
    const Ends ends(*snapshot->spec);
    const ConduitsInForce conduits(*snapshot->spec, sources);
    const Moments moments(sources.clock);
    auto items = chosen(all, request, ends, &vnet::Flow::opened);
    list.set_total(items.size());
    items.resize(std::min(items.size(), limit_of(request)));
    for (const auto* flow : items) {
        auto& view = *list.add_items();
        view.set_gateway(snapshot->spec->gateway.str());
        view.set_from(ends.of(flow->from).name);
        view.set_to(ends.of(flow->to).name);
        view.set_transport(transport_name(flow->transport));
        view.set_source(end_text(flow->source, flow->source_port, flow->transport));
        view.set_target(end_text(flow->target, flow->target_port, flow->transport));
        view.set_state(flow->state);
        view.set_rule(flow->rule);
        view.set_conduit(conduits.of(flow->conduit).name);
        view.set_packets(flow->packets);
        view.set_bytes(flow->bytes);
        view.set_opened(moments.text(flow->opened));
        view.set_opened_seconds(moments.seconds(flow->opened));
    }
    return list;
}

void add_switch(const SwitchSources& sources, v1alpha1::GatewayReport& report) {
    *report.mutable_routers() = routers(*sources.board.current(), sources.routers(), {});
    v1alpha1::ListRequest latest;
    latest.set_page_size(reported_rows);
    if (auto refused = denials(sources, latest)) *report.mutable_denials() = std::move(*refused);
}

}  // namespace bulkhead::daemon
