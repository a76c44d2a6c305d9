#include <algorithm>
#include <filesystem>

#include "base/text.hpp"
#include "spec/fields.hpp"
#include "spec/time_zone.hpp"
#include "spec/validation.hpp"

namespace bulkhead::spec {
namespace {

constexpr std::size_t longest_label = 63;  // bytes of a label's key, and of its value

bool is_label_key(std::string_view key) {
    return !key.empty() && key.size() <= longest_label && std::ranges::all_of(key, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_' || c == '.' || c == '/';
    });
}

void validate_labels(Validation& run) {
    static const std::string path = "metadata.labels";
    const auto& in = run.in.metadata().labels();
    check_count(run.findings, path, static_cast<int>(in.size()), most::labels);
    run.out.labels.insert(in.begin(), in.end());  // protobuf's own order is another on every run
    for (const auto& [key, value] : run.out.labels) {
        if (!is_label_key(key))
            run.findings.add(path + "." + key, in_quotes(key) + " can't be the key of a label",
                             "at most 63 letters, digits, '-', '_', '.' and '/'");
        check_text(run.findings, path + "." + key, value, longest_label);
    }
}

}  // namespace

void validate_metadata(Validation& run) {
    const auto& in = run.in.metadata();
    check_label(run.findings, "metadata.name", in.name());
    check_text(run.findings, "metadata.site", in.site(), 63);
    validate_labels(run);
    run.out.gateway = model::GatewayName(in.name());
    run.out.site = in.site();
    if (in.timezone().empty()) return;
    if (auto known = check_time_zone(in.timezone()); !known)
        run.findings.add("metadata.timeZone", known.error());
    run.out.time_zone = in.timezone();
}

}  // namespace bulkhead::spec
