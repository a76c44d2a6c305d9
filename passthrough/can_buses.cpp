#include "passthrough/can_buses.hpp"

#include <algorithm>
#include <set>
#include <variant>

#include "passthrough/inventory/obstacles.hpp"

namespace bulkhead::passthrough {
namespace {

const model::CanBus* bus_of(const model::Assignment& assignment) {
    return std::get_if<model::CanBus>(&assignment.rules);
}

bool may_send(const model::Assignment& assignment) {
    const auto* bus = bus_of(assignment);
    return bus != nullptr && !bus->guard.is_receive_only();
}

}  // namespace

std::filesystem::path CanBuses::socket(const model::DeviceName& device) const {
    return std::filesystem::path("/sys/class/net") / model::can_port_name(device).str();
}

std::vector<std::string> CanBuses::own_arguments(const model::Assignment& assignment) const {
    return {"--bus", to_string(assignment.rules)};
}

can::Working CanBuses::working_of(const model::Assignment& also) const {
    const auto others = all_but(also.device);
    const bool sends = may_send(also) || std::ranges::any_of(others, [&](const auto& each) {
                           return each.at == also.at && may_send(each);
                       });
    const auto* bus = bus_of(also);
    return {bus == nullptr ? 0 : bus->bitrate, !sends};
}

Result<> CanBuses::check(const model::Assignment& wanted) const {
    if (bus_of(wanted) == nullptr)
        return fail(Code::invalid, "the assignment of a CAN bus says nothing of it", wanted.device.str());
    const auto inventory = inventory::look(tree_);
    const auto* found = inventory.find("can:" + wanted.at);
    inventory::Claims claims;
    claims.owners.emplace("can:" + wanted.at, inventory::Claims::Owner{wanted.device, wanted.partition});
    const auto obstacles = found == nullptr ? inventory::lacks_of_can(inventory)
                                            : inventory::obstacles(inventory, claims, *found);
    if (obstacles.empty()) return {};
    return fail(Code::refused, wanted.at + " can't be mediated: " + obstacles.front().why,
                wanted.device.str(), {}, obstacles.front().mend);
}

Result<> CanBuses::prepare(const model::Assignment& wanted) {
    BULKHEAD_TRY(mark(wanted.device));
    BULKHEAD_TRY(care_.make_port(model::can_port_name(wanted.device).str()));
    return care_.bring_up(wanted.at, working_of(wanted));
}

bool CanBuses::is_prepared(const model::Assignment& assignment) const {
    const auto port = care_.has_port(model::can_port_name(assignment.device).str());
    const auto bus = care_.is_up(assignment.at, working_of(assignment));
    return port && *port && bus && *bus;
}

Result<> CanBuses::give_back(const model::DeviceName& device, const model::Assignment*) {
    BULKHEAD_TRY(care_.remove_port(model::can_port_name(device).str()));
    const auto others = all_but(device);
    std::set<std::string> places;
    for (const auto& each : others) places.insert(each.at);
    BULKHEAD_TRY(care_.give_back_all_but(places));
    // Perhaps nobody who is left may send.
    for (const auto& place : places) {
        const auto one = std::ranges::find(others, place, &model::Assignment::at);
        can::Working working{bus_of(*one) == nullptr ? 0 : bus_of(*one)->bitrate, true};
        for (const auto& each : others)
            if (each.at == place && may_send(each)) working.listens = false;
        BULKHEAD_TRY(care_.bring_up(place, working));
    }
    return {};
}

}  // namespace bulkhead::passthrough
