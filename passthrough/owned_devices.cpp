#include "passthrough/owned_devices.hpp"

#include <fcntl.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <set>
#include <utility>

#include "base/file.hpp"
#include "base/name.hpp"
#include "passthrough/fence.hpp"
#include "passthrough/owner_connection.hpp"
#include "passthrough/owner_options.hpp"

namespace bulkhead::passthrough {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
constexpr auto owner_answers_within = 1s;  // a look
// Silent for so long it hangs, and is ended; sooner it may just be late, and its end cuts a line in use.
constexpr auto owner_hangs_after = 10s;
constexpr auto patience_with_an_old_owner = 3s;
// More than the ten seconds that a new owner waits for its predecessor's lock.
constexpr auto owner_starts_within = 15s;

}  // namespace

// Every file that belongs to a device, for whoever lists or removes them.
std::vector<std::filesystem::path> OwnedDevices::files_of(const model::DeviceName& device) const {
    return {socket(device), control(device), Fence::path_of(control(device)),
            socket(device).string() + ".new", control(device).string() + ".new"};
}

std::filesystem::path OwnedDevices::folder() const {
    return control(model::DeviceName("any")).parent_path();
}

std::set<model::DeviceName> OwnedDevices::devices() const {
    std::set<model::DeviceName> devices;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder(), error)) {
        const std::string file = entry.path().filename();
        const std::string name = file.substr(0, file.find('.'));
        if (is_label(name)) devices.emplace(name);
    }
    return devices;
}

std::map<model::DeviceName, Hold> OwnedDevices::look() const {
    std::map<model::DeviceName, Hold> holds;
    for (const auto& device : devices()) holds.emplace(device, look_at(device));
    return holds;
}

std::vector<model::Assignment> OwnedDevices::recorded() const {
    std::vector<model::Assignment> all;
    for (const auto& device : devices())
        if (auto record = Fence::recorded(Fence::path_of(control(device)))) all.push_back(std::move(*record));
    return all;
}

std::vector<model::Assignment> OwnedDevices::all_but(const model::DeviceName& device) const {
    auto all = recorded();
    std::erase_if(all, [&](const auto& each) { return each.device == device; });
    return all;
}

Result<> OwnedDevices::mark(const model::DeviceName& device) const {
    BULKHEAD_TRY(open_file(Fence::path_of(control(device)), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    return {};
}

Hold OwnedDevices::look_at(const model::DeviceName& device) const {
    const auto control_path = control(device);
    auto owner = OwnerConnection::open(control_path);
    auto state = owner ? owner->state(owner_answers_within) : std::unexpected(owner.error());
    if (state && state->assignment.device == device) {
        Hold hold{.assignment = state->assignment,
                  .serving = serves(*state, device) && is_prepared(state->assignment),
                  .present = state->present,
                  .to_device_bytes = state->to_device_bytes,
                  .to_guest_bytes = state->to_guest_bytes,
                  .error = state->error,
                  .guard = state->guard,
                  .bus = state->bus,
                  .gate = state->gate};
        if (hold.serving) look_further(hold);
        return hold;
    }
    // Half made, or dead: what it was meant to be is in the record.
    Hold hold;
    hold.error = state ? "its owner serves another device" : state.error().what;
    hold.assignment = Fence::recorded(Fence::path_of(control_path)).value_or(model::Assignment{});
    hold.assignment.device = device;
    hold.assignment.kind = kind();
    return hold;
}

bool OwnedDevices::serves(const OwnerState& state, const model::DeviceName& device) const {
    std::error_code error;
    return state.assignment.device == device && std::filesystem::exists(socket(device), error);
}

Result<> OwnedDevices::assign(const model::Assignment& wanted) {
    const auto control_path = control(wanted.device);
    BULKHEAD_TRY(check(wanted));
    BULKHEAD_TRY(make_folder(folder(), 0711));  // QEMU's user passes through, and lists nothing
    if (auto owner = OwnerConnection::open(control_path)) {
        const auto recorded = Fence::recorded(Fence::path_of(control_path));
        const bool may_stay = recorded && *recorded == wanted;
        const auto state = owner->state(may_stay ? owner_hangs_after : owner_answers_within);
        if (state && state->assignment == wanted && serves(*state, wanted.device)) return prepare(wanted);
        if (state && state->assignment.device == wanted.device && state->assignment.token > wanted.token)
            return fail(Code::refused,
                        "token " + std::to_string(wanted.token) + " is older than that of its owner",
                        wanted.device.str(), "at least " + std::to_string(state->assignment.token));
        BULKHEAD_TRY(owner->end(patience_with_an_old_owner));
    }
    BULKHEAD_TRY(prepare(wanted));
    // Before the start, so that its first event is not missed.
    BULKHEAD_TRY_ASSIGN(const auto events, FolderEvents::open(control_path.parent_path()));
    BULKHEAD_TRY(start_owner_(command_of(wanted)));
    return await(wanted, events);
}

// An owner moves its control socket into place as the last thing before it serves.
Result<> OwnedDevices::await(const model::Assignment& wanted, const FolderEvents& events) const {
    const auto deadline = Clock::now() + owner_starts_within;
    while (true) {
        if (auto owner = OwnerConnection::open(control(wanted.device))) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
            const auto state = owner->state(std::max(left, 1ms));
            if (state && state->assignment == wanted) return {};
        }
        if (!events.wait_until(deadline))
            return fail(Code::timeout, "the owner of the device does not serve", wanted.device.str(), {},
                        "its log says why");
    }
}

Result<> OwnedDevices::release(const model::DeviceName& device, std::uint64_t token) {
    const auto control_path = control(device);
    const auto recorded = Fence::recorded(Fence::path_of(control_path));
    // What is released is gone already; the device is somebody else's by now.
    if (recorded && recorded->token > token) return {};
    if (auto owner = OwnerConnection::open(control_path))
        BULKHEAD_TRY(owner->end(patience_with_an_old_owner));
    BULKHEAD_TRY(give_back(device, recorded ? &*recorded : nullptr));
    for (const auto& file : files_of(device)) BULKHEAD_TRY(remove_file(file));
    return {};
}

std::vector<std::string> OwnedDevices::command_of(const model::Assignment& assignment) const {
    auto command =
        owner_command(program(), {assignment, socket(assignment.device), control(assignment.device)});
    for (auto& argument : own_arguments(assignment)) command.push_back(std::move(argument));
    return command;
}

}  // namespace bulkhead::passthrough
