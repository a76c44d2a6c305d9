#include "spec/places.hpp"

#include "yaml/document.hpp"

namespace bulkhead::spec {

namespace {

// Calls `put` with the name and the node of each item of a list.
template <class F>
void for_each(std::string_view yaml, std::string_view file_name, std::string_view list, F put) {
    const auto root = yaml::parse(yaml, file_name);
    const yaml::Node* items = root ? root->find(list) : nullptr;
    if (items == nullptr) return;
    for (const auto& item : items->children)
        if (const auto* name = item.find("name")) put(name->text, item);
}

}  // namespace

std::map<model::ConduitName, std::string> places_of_conduits(std::string_view yaml,
                                                             std::string_view file_name) {
    std::map<model::ConduitName, std::string> places;
    for_each(yaml, file_name, "conduits", [&](const std::string& name, const yaml::Node& conduit) {
        places.emplace(model::ConduitName(name), yaml::place(file_name, conduit.at));
    });
    return places;
}

std::map<model::DeviceName, std::string> places_of_devices(std::string_view yaml,
                                                           std::string_view file_name) {
    std::map<model::DeviceName, std::string> places;
    for_each(yaml, file_name, "devices", [&](const std::string& name, const yaml::Node& device) {
        const auto* at = device.find("at");
        places.emplace(model::DeviceName(name), yaml::place(file_name, at == nullptr ? device.at : at->at));
    });
    return places;
}

}  // namespace bulkhead::spec
