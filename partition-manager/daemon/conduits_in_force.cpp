#include "partition-manager/daemon/conduits_in_force.hpp"

#include "base/log.hpp"
#include "spec/places.hpp"

namespace bulkhead::daemon {

ConduitsInForce::ConduitsInForce(const model::Spec& spec, const SwitchSources& sources) {
    std::map<model::ConduitName, std::string> places;
    const auto stored = sources.stored();
    if (!stored) log::warning("can't read the stored spec", {{"error", stored.error().text()}});
    if (stored && *stored) places = spec::places_of_conduits((*stored)->document, (*stored)->document_name);
    for (const auto& conduit : spec.conduits) {
        const auto place = places.find(conduit.name);
        conduits_[model::conduit_id(conduit.name)] = {conduit.name.str(),
                                                      place == places.end() ? "" : place->second};
    }
}

ConduitInForce ConduitsInForce::of(std::uint32_t id) const {
    const auto found = conduits_.find(id);
    return found == conduits_.end() ? ConduitInForce() : found->second;
}

std::string rule_text(const model::Rule& rule, const Ends& ends) {
    return ends.of(rule.from).name + " > " + ends.of(rule.to).name + " " + to_string(rule.service);
}

}  // namespace bulkhead::daemon
