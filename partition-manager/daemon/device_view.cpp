#include "partition-manager/daemon/device_view.hpp"

#include <set>
#include <utility>
#include <variant>

#include "partition-manager/daemon/partition_view.hpp"
#include "passthrough/inventory/obstacles.hpp"
#include "passthrough/owner_control.hpp"

namespace bulkhead::daemon {
namespace {

namespace inventory = passthrough::inventory;

std::string_view rs485_word(inventory::Rs485 rs485) {
    switch (rs485) {
        case inventory::Rs485::driver:
            return "driver";
        case inventory::Rs485::adapter:
            return "adapter";
        case inventory::Rs485::none:
            return "none";
    }
    return "none";
}

std::string words_of(const model::LineRules& rules) {
    const auto* bus = std::get_if<model::CanBus>(&rules);
    if (bus == nullptr || !bus->guard.is_everything()) return to_string(rules);
    return "can " + std::to_string(bus->bitrate) + "; everything";
}

void add_bus(const passthrough::BusCounts& counts, v1alpha1::DeviceView& view) {
    auto& can = *view.mutable_can();
    can.set_state(counts.state);
    can.set_to_bus(counts.to_bus);
    can.set_to_guest(counts.to_guest);
    can.set_lost_to_bus(counts.lost_to_bus);
    can.set_lost_to_guest(counts.lost_to_guest);
    can.set_bus_off(counts.bus_off);
    can.set_passive(counts.passive);
    can.set_restarts(counts.restarts);
    can.set_errors(counts.errors);
}

void add_turns(const passthrough::LineTurns& line, v1alpha1::DeviceView& view) {
    auto& turns = *view.mutable_turns();
    turns.set_turns(line.counts.turns);
    turns.set_answered(line.counts.answered);
    turns.set_timed_out(line.counts.timed_out);
    turns.set_given_up(line.counts.given_up);
    turns.set_broken(line.counts.broken);
    turns.set_waited(line.counts.waited);
    turns.set_waited_microseconds(static_cast<std::uint64_t>(line.counts.waited_for.count()));
    turns.set_longest_wait_microseconds(static_cast<std::uint64_t>(line.counts.longest_wait.count()));
    turns.set_devices(line.devices);
    turns.set_stray_bytes(line.stray_bytes);
}

void add_guard(const passthrough::GuardCounts& counts, const model::Assignment& assignment,
               v1alpha1::DeviceView& view) {
    auto& guard = *view.mutable_guard();
    guard.set_rules(words_of(assignment.rules));
    guard.set_passed(counts.passed);
    guard.set_refused(counts.refused);
    guard.set_broken(counts.broken);
    guard.set_last(counts.last);
}

void add_terms(const passthrough::Hold& hold, v1alpha1::DeviceView& view) {
    if (!hold.assignment.terms.trusted) return;
    view.set_terms(to_string(hold.assignment.terms));
    view.set_gate(std::string(to_string(hold.gate)));
}

// What whoever holds it for the partition says of it.
void add_hold(const Holds& holds, model::DeviceKind kind, v1alpha1::DeviceView& view) {
    if (const auto found = holds.find(model::DeviceName(view.name())); found != holds.end()) {
        const auto& hold = found->second;
        view.set_present(hold.present);
        view.set_error(hold.error);
        view.set_token(hold.assignment.token);
        view.set_to_device_bytes(hold.to_device_bytes);
        view.set_to_guest_bytes(hold.to_guest_bytes);
        if (hold.guard) add_guard(*hold.guard, hold.assignment, view);
        add_terms(hold, view);
        if (hold.bus) add_bus(*hold.bus, view);
        if (hold.turns) add_turns(*hold.turns, view);
    } else if (!view.partition().empty()) {
        view.set_error(passthrough::unowned(kind));
    }
}

void add_obstacle(v1alpha1::DeviceView& view, std::string why, std::string mend) {
    auto& message = *view.add_obstacles();
    message.set_why(std::move(why));
    message.set_mend(std::move(mend));
}

void add_found(const inventory::Inventory& all, const inventory::Claims& claims,
               const inventory::Device& found, v1alpha1::DeviceView& view) {
    view.set_id(found.id);
    view.set_title(found.title);
    view.set_vendor_id(found.vendor_id);
    view.set_product_id(found.product_id);
    view.set_serial_number(found.serial_number);
    view.set_node(found.node);
    view.set_driver(found.driver);
    if (const auto* parent = all.parent_of(found)) view.set_parent(parent->id);
    view.set_group(found.group);
    for (const auto& member : found.group_members) view.add_group_members(member);
    for (const auto& method : found.resets) view.add_resets(method);
    view.set_used_by(found.used_by);
    if (found.kind == inventory::Kind::serial) view.set_rs485(std::string(rs485_word(found.rs485)));
    view.set_board(found.board);
    for (auto& obstacle : inventory::obstacles(all, claims, found))
        add_obstacle(view, std::move(obstacle.why), std::move(obstacle.mend));
}

void add_lock(const Snapshot& snapshot, v1alpha1::DeviceView& view) {
    const auto lock = snapshot.locks.find(model::PartitionName(view.partition()));
    if (lock == snapshot.locks.end()) return;
    add_obstacle(view, "is locked by " + lock->second.lock.by + " (" + lock->second.lock.reason + ")",
                 "bulkhead unlock " + view.partition());
}

std::string health_of(const v1alpha1::DeviceView& view) {
    if (!view.error().empty()) return "faulty";
    if (view.gate() == "closed") return "withheld";
    if (view.gate() == "receive-only") return view.gate();
    return view.present() ? "ok" : "absent";
}

v1alpha1::DeviceView found_view(const inventory::Inventory& all, const inventory::Claims& claims,
                                const inventory::Device& found) {
    v1alpha1::DeviceView view;
    view.set_kind(std::string(to_string(found.kind)));
    view.set_at(found.at);
    view.set_present(true);
    add_found(all, claims, found, view);
    return view;
}

}  // namespace

std::vector<v1alpha1::DeviceView> device_views(const Snapshot& snapshot, const Holds& holds,
                                               const inventory::Inventory& all) {
    std::vector<v1alpha1::DeviceView> views;
    std::set<const inventory::Device*> declared;
    const auto claims = snapshot.spec ? inventory::claims_of(*snapshot.spec, all) : inventory::Claims{};
    if (snapshot.spec)
        for (const auto& device : snapshot.spec->devices) {
            auto& view = views.emplace_back(device_view(snapshot, device));
            const auto* found = all.find(device);
            view.set_present(found != nullptr);
            if (found != nullptr) add_found(all, claims, *found, view);
            declared.insert(found);
            add_hold(holds, device.kind, view);
            add_lock(snapshot, view);
        }
    for (const auto& found : all.devices)
        if (!declared.contains(&found)) views.push_back(found_view(all, claims, found));
    for (auto& view : views) {
        view.set_health(health_of(view));
        if (snapshot.spec) view.set_gateway(snapshot.spec->gateway.str());
    }
    return views;
}

}  // namespace bulkhead::daemon
