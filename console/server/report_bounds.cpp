#include "console/server/report_bounds.hpp"

#include <set>

#include "base/name.hpp"
#include "base/text.hpp"
#include "console/server/roster.hpp"

namespace bulkhead::console {
namespace {

namespace api = bulkhead::v1alpha1;

constexpr std::size_t longest_report = std::size_t{4} * 1024 * 1024;
// As many as spec/validation.hpp takes of each.
constexpr int most_partitions = 64;
constexpr int most_devices = 64;
constexpr int most_found_devices = 512;  // that no spec has (passthrough/inventory)
constexpr int most_members = 512;        // of an IOMMU group
constexpr int most_obstacles = 600;      // each member may be one
constexpr int most_zones = 64;
constexpr int most_conduits = 4096;
constexpr int most_routers = 64;
constexpr int most_uplinks = 16;  // of a router, as the rest of these
constexpr int most_names = 256;
constexpr int most_forwards = 64;
constexpr int most_denials = 100;  // the latest (proto/bulkhead/v1alpha1/fleet.proto)
constexpr int most_reasons = 64;   // of one interface
constexpr std::size_t longest_word = 128;
constexpr std::size_t longest_line = 512;
constexpr std::size_t longest_rules = 8192;  // of a guard: 64 of them
constexpr std::size_t longest_text = 4096;

// Names are labels and unique, tenants labels or none.
template <class List>
Result<> check_list(const List& list, int most, const std::string& kind) {
    if (list.items_size() > most)
        return fail(Code::invalid, std::to_string(list.items_size()) + " " + kind + "s", "the report",
                    "at most " + std::to_string(most));
    std::set<std::string> names;
    for (const auto& item : list.items()) {
        if (!is_label(item.name()) || !names.insert(item.name()).second)
            return fail(Code::invalid, "'" + printable(item.name(), 80) + "' is no name for a " + kind,
                        "the report", "a-z, 0-9 and '-', at most 63 of them, each once");
        if constexpr (requires { item.tenant(); })
            if (!item.tenant().empty() && !is_label(item.tenant()))
                return fail(
                    Code::invalid,
                    "'" + printable(item.tenant(), 80) + "' is no tenant of " + kind + " " + item.name(),
                    "the report", "a-z, 0-9 and '-', at most 63 of them");
    }
    return {};
}

std::unexpected<Error> too_many(int count, const std::string& what, int most) {
    return fail(Code::invalid, std::to_string(count) + " " + what, "the report",
                "at most " + std::to_string(most));
}

// Of what is no label: shown, filtered and sorted by, so no longer than a line and without control
// characters.
Result<> check_text(const std::string& text, const std::string& what, std::size_t longest = longest_word) {
    if (text == printable(text, longest)) return {};
    return fail(Code::invalid, "'" + printable(text, 80) + "' is no " + what, "the report",
                "a line of at most " + std::to_string(longest) + " bytes");
}

template <class Texts>
Result<> check_texts(const Texts& texts, int most, const std::string& what) {
    if (texts.size() > most) return too_many(texts.size(), what + "s", most);
    for (const auto& text : texts) BULKHEAD_TRY(check_text(text, what, longest_line));
    return {};
}

Result<> check_uplinks(const api::RouterView& router) {
    if (router.uplinks_size() > most_uplinks) return too_many(router.uplinks_size(), "uplinks", most_uplinks);
    std::set<std::string> names;
    for (const auto& uplink : router.uplinks()) {
        if (!is_label(uplink.name()) || !names.insert(uplink.name()).second)
            return fail(Code::invalid, "'" + printable(uplink.name(), 80) + "' is no name for an uplink",
                        "the report", "a-z, 0-9 and '-', at most 63 of them, each once");
        for (const auto* text : {&uplink.interface(), &uplink.address(), &uplink.address6()})
            BULKHEAD_TRY(check_text(*text, "interface or address"));
    }
    return {};
}

// What a device says of itself comes from a stranger; the gateway made it printable.
Result<> check_guard(const api::GuardView& guard) {
    BULKHEAD_TRY(check_text(guard.rules(), "rules of a guard", longest_rules));
    BULKHEAD_TRY(check_text(guard.last(), "refusal of a guard", longest_line));
    return check_text(guard.problem(), "problem of a guard", longest_line);
}

Result<> check_device(const api::DeviceView& device) {
    for (const auto* text : {&device.kind(), &device.id(), &device.vendor_id(), &device.product_id(),
                             &device.serial_number(), &device.driver(), &device.parent(), &device.group(),
                             &device.health(), &device.rs485(), &device.terms(), &device.gate()})
        BULKHEAD_TRY(check_text(*text, "word of a device"));
    for (const auto* text : {&device.at(), &device.title(), &device.node(), &device.used_by()})
        BULKHEAD_TRY(check_text(*text, "line of a device", longest_line));
    BULKHEAD_TRY(check_texts(device.group_members(), most_members, "member of an IOMMU group"));
    BULKHEAD_TRY(check_texts(device.resets(), most_reasons, "reset"));
    if (device.obstacles_size() > most_obstacles)
        return too_many(device.obstacles_size(), "obstacles", most_obstacles);
    for (const auto& obstacle : device.obstacles()) {
        BULKHEAD_TRY(check_text(obstacle.why(), "obstacle", longest_line));
        BULKHEAD_TRY(check_text(obstacle.mend(), "way to mend", longest_line));
    }
    return check_guard(device.guard());
}

Result<> check_conduits(const api::ConduitList& list) {
    for (const auto& conduit : list.items()) BULKHEAD_TRY(check_guard(conduit.guard()));
    return check_list(list, most_conduits, "conduit");
}

// Those of the spec have names; what was found has an id alone, and is no tenant's.
Result<> check_devices(const api::DeviceList& list) {
    if (list.items_size() > most_devices + most_found_devices)
        return too_many(list.items_size(), "devices", most_devices + most_found_devices);
    api::DeviceList declared;
    std::set<std::string> ids;
    for (const auto& device : list.items()) {
        BULKHEAD_TRY(check_device(device));
        if (!device.name().empty())
            *declared.add_items() = device;
        else if (device.id().empty() || !device.tenant().empty() || !ids.insert(device.id()).second)
            return fail(Code::invalid, "'" + printable(device.id(), 80) + "' is no id for a device",
                        "the report", "one of each, and no tenant's");
    }
    return check_list(declared, most_devices, "device");
}

// Each tenant has one at most.
Result<> check_routers(const api::RouterList& list) {
    if (list.items_size() > most_routers) return too_many(list.items_size(), "routers", most_routers);
    std::set<std::string> tenants;
    for (const auto& router : list.items()) {
        if (!is_label(router.tenant()) || !tenants.insert(router.tenant()).second)
            return fail(Code::invalid, "'" + printable(router.tenant(), 80) + "' is no tenant of a router",
                        "the report", "a-z, 0-9 and '-', at most 63 of them, each once");
        BULKHEAD_TRY(check_text(router.state(), "state"));
        BULKHEAD_TRY(check_text(router.problem(), "problem", longest_text));
        BULKHEAD_TRY(check_texts(router.zones(), most_zones, "zone"));
        BULKHEAD_TRY(check_texts(router.names(), most_names, "name"));
        BULKHEAD_TRY(check_texts(router.forwards(), most_forwards, "forward"));
        BULKHEAD_TRY(check_uplinks(router));
    }
    return {};
}

// An end is a partition, PARTITION/ZONE, a host, "router of ZONE", ...
Result<> check_denials(const api::DenialList& list) {
    if (list.items_size() > most_denials) return too_many(list.items_size(), "denials", most_denials);
    for (const auto& denial : list.items()) {
        for (const auto* text : {&denial.from(), &denial.to(), &denial.address(), &denial.service()})
            BULKHEAD_TRY(check_text(*text, "end, address or service of a denial"));
        BULKHEAD_TRY(check_text(denial.reason(), "reason"));
        if (const auto time = parse_rfc3339(denial.last()); !time || rfc3339(*time) != denial.last())
            return fail(Code::invalid, "'" + printable(denial.last(), 80) + "' is no time of a denial",
                        "the report", "RFC 3339");
    }
    return {};
}

// They become labels of metrics.
Result<> check_drops(const api::PartitionList& partitions) {
    for (const auto& partition : partitions.items())
        for (const auto& interface : partition.interfaces()) {
            if (static_cast<int>(interface.dropped().size()) > most_reasons)
                return too_many(static_cast<int>(interface.dropped().size()), "reasons of drops",
                                most_reasons);
            for (const auto& [reason, frames] : interface.dropped())
                BULKHEAD_TRY(check_text(reason, "reason"));
        }
    return {};
}

}  // namespace

Result<> check_report(const api::GatewayReport& report) {
    if (report.ByteSizeLong() > longest_report)
        return fail(Code::invalid, "a report of " + std::to_string(report.ByteSizeLong()) + " bytes", {},
                    "at most " + std::to_string(longest_report));
    BULKHEAD_TRY(check_list(report.partitions(), most_partitions, "partition"));
    BULKHEAD_TRY(check_devices(report.devices()));
    BULKHEAD_TRY(check_list(report.zones(), most_zones, "zone"));
    BULKHEAD_TRY(check_conduits(report.conduits()));
    BULKHEAD_TRY(check_routers(report.routers()));
    BULKHEAD_TRY(check_denials(report.denials()));
    return check_drops(report.partitions());
}

api::Event bounded_event(const api::Event& event) {
    auto bounded = event;
    for (auto* word : {bounded.mutable_time(), bounded.mutable_boot_id(), bounded.mutable_code(),
                       bounded.mutable_tenant(), bounded.mutable_actor(), bounded.mutable_operation(),
                       bounded.mutable_partition(), bounded.mutable_gateway()})
        *word = printable(*word, longest_word);
    bounded.set_text(printable(bounded.text(), longest_text));
    return bounded;
}

}  // namespace bulkhead::console
