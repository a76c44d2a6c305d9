#include "console/server/report_bounds.hpp"

#include <set>

#include "base/name.hpp"
#include "base/text.hpp"

namespace bulkhead::console {
namespace {

namespace api = bulkhead::v1alpha1;

constexpr std::size_t longest_report = std::size_t{4} * 1024 * 1024;
// As many as spec/validation.hpp takes of each.
constexpr int most_partitions = 64;
constexpr int most_devices = 64;
constexpr int most_zones = 64;
constexpr int most_conduits = 4096;
constexpr std::size_t longest_word = 128;
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

}  // namespace

Result<> check_report(const api::GatewayReport& report) {
    if (report.ByteSizeLong() > longest_report)
        return fail(Code::invalid, "a report of " + std::to_string(report.ByteSizeLong()) + " bytes", {},
                    "at most " + std::to_string(longest_report));
    BULKHEAD_TRY(check_list(report.partitions(), most_partitions, "partition"));
    BULKHEAD_TRY(check_list(report.devices(), most_devices, "device"));
    BULKHEAD_TRY(check_list(report.zones(), most_zones, "zone"));
    return check_list(report.conduits(), most_conduits, "conduit");
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
