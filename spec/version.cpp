#include "spec/version.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/name.hpp"
#include "spec/decode.hpp"
#include "spec/fields.hpp"
#include "spec/validation.hpp"

namespace bulkhead::spec {
namespace {

model::Spec from_v1alpha1(const yaml::Node& document, Findings& findings) {
    v1alpha1::Gateway gateway;
    decode(document, gateway, findings);
    return validate(gateway, findings);
}

constexpr std::array<Version, 1> known{{{"bulkhead/v1alpha1", from_v1alpha1}}};

}  // namespace

std::span<const Version> versions() {
    return known;
}

const Version* version_of(const yaml::Node& document, Findings& findings, std::span<const Version> versions) {
    std::vector<std::string> names;
    for (const auto& version : versions) names.emplace_back(version.name);
    const yaml::Node* named = document.find("apiVersion");
    if (document.kind != yaml::Kind::map) {
        findings.add_at(document.at, "the document can't be " + yaml::describe(document),
                        "a map that starts with apiVersion");
    } else if (named == nullptr) {
        findings.add_at(document.at, "apiVersion is missing", one_of(names));
    } else {
        const auto found = std::ranges::find(versions, named->text, &Version::name);
        if (found != versions.end()) return &*found;
        const std::string meant = nearest(named->text, names);
        findings.add_at(named->at, "unknown apiVersion " + in_quotes(named->text), one_of(names),
                        meant.empty() ? "" : "write " + meant);
    }
    return nullptr;
}

}  // namespace bulkhead::spec
