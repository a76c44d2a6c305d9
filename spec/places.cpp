#include "spec/places.hpp"

#include "yaml/document.hpp"

namespace bulkhead::spec {

std::map<model::ConduitName, std::string> places_of_conduits(std::string_view yaml,
                                                             std::string_view file_name) {
    std::map<model::ConduitName, std::string> places;
    const auto root = yaml::parse(yaml, file_name);
    const yaml::Node* conduits = root ? root->find("conduits") : nullptr;
    if (conduits == nullptr) return places;
    for (const auto& conduit : conduits->children)
        if (const auto* name = conduit.find("name"))
            places.emplace(model::ConduitName(name->text), yaml::place(file_name, conduit.at));
    return places;
}

}  // namespace bulkhead::spec
