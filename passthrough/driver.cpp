#include "passthrough/driver.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace bulkhead::passthrough {

bool DeviceDriver::handles(const model::Action& action) const {
    return std::holds_alternative<model::AssignDevice>(action) ||
           std::holds_alternative<model::ReleaseDevice>(action);
}

std::map<model::DeviceName, Hold> DeviceDriver::holds() const {
    std::map<model::DeviceName, Hold> all;
    for (const auto* mode : modes_)
        for (auto& [device, hold] : mode->look()) {
            // Two modes hold it only where a crash came between: the later assignment counts.
            auto [there, fresh] = all.try_emplace(device, hold);
            if (!fresh && there->second.assignment.token < hold.assignment.token)
                there->second = std::move(hold);
        }
    return all;
}

Result<> DeviceDriver::observe(model::Observed& observed) {
    for (auto& [device, hold] : holds())
        observed.assignments[device] = {std::move(hold.assignment), hold.serving};
    return {};
}

Result<> DeviceDriver::execute(const model::Action& action) {
    // A device of a name may have been of another kind.
    if (const auto* released = std::get_if<model::ReleaseDevice>(&action)) {
        for (auto* mode : modes_) BULKHEAD_TRY(mode->release(released->device, released->token));
        return {};
    }
    const auto* assigned = std::get_if<model::AssignDevice>(&action);
    if (assigned == nullptr)
        return fail(Code::internal,
                    "the device driver has no such action: " + std::string(model::verb(action)));
    const auto mode = std::ranges::find(modes_, assigned->assignment.kind, &Mode::kind);
    if (mode == modes_.end())
        return fail(Code::unsupported,
                    "no mode hands over " + std::string(to_string(assigned->assignment.kind)) + " devices");
    return (*mode)->assign(assigned->assignment);
}

}  // namespace bulkhead::passthrough
