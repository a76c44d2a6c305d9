#include "spec/validate.hpp"

#include <string>
#include <utility>

#include "spec/findings.hpp"
#include "yaml/document.hpp"

namespace bulkhead::spec {

std::expected<model::Spec, Errors> read_spec(std::string_view yaml, std::string_view file_name,
                                             std::span<const Version> versions) {
    auto document = yaml::parse(yaml, file_name);
    if (!document) return std::unexpected(std::move(document).error());
    Findings findings{std::string(file_name)};
    model::Spec spec;
    if (const Version* version = version_of(*document, findings, versions))
        spec = version->convert(*document, findings);
    if (!findings.empty()) return std::unexpected(std::move(findings).take());
    return spec;
}

std::expected<model::Spec, Errors> read_spec(std::string_view yaml, std::string_view file_name) {
    return read_spec(yaml, file_name, versions());
}

}  // namespace bulkhead::spec
