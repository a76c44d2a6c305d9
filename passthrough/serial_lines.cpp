#include "passthrough/serial_lines.hpp"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <set>
#include <utility>

#include "base/fd.hpp"
#include "base/file.hpp"
#include "base/name.hpp"
#include "passthrough/fence.hpp"
#include "passthrough/owner_connection.hpp"

namespace bulkhead::passthrough {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
constexpr auto answer_deadline = 1s;
constexpr auto patience_with_an_old_owner = 3s;
// More than the ten seconds that a new owner waits for its predecessor's lock.
constexpr auto start_deadline = 15s;

// Every file that belongs to a device, for whoever lists or removes them.
std::vector<std::filesystem::path> files_of(const model::Layout& layout, const model::DeviceName& device) {
    const auto socket = layout.serial_socket(device);
    const auto control = layout.serial_control(device);
    return {socket, control, Fence::path_of(control), socket.string() + ".new", control.string() + ".new"};
}

std::filesystem::path folder_of(const model::Layout& layout) {
    return layout.serial_control(model::DeviceName("any")).parent_path();
}

}  // namespace

std::map<model::DeviceName, Hold> SerialLines::look() const {
    std::set<model::DeviceName> devices;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder_of(layout_), error)) {
        const std::string file = entry.path().filename();
        const std::string name = file.substr(0, file.find('.'));
        if (is_label(name)) devices.emplace(name);
    }
    std::map<model::DeviceName, Hold> holds;
    for (const auto& device : devices) holds.emplace(device, look_at(device));
    return holds;
}

Hold SerialLines::look_at(const model::DeviceName& device) const {
    const auto control = layout_.serial_control(device);
    auto owner = OwnerConnection::open(control);
    auto state = owner ? owner->state(answer_deadline) : std::unexpected(owner.error());
    if (state && state->assignment.device == device)
        return {state->assignment,     serves(*state, device), state->present, state->to_device_bytes,
                state->to_guest_bytes, state->error,           state->guard};
    // Half made, or dead: what it was meant to be is in the record.
    Hold hold;
    hold.error = state ? "its owner serves another device" : state.error().what;
    hold.assignment = Fence::recorded(Fence::path_of(control)).value_or(model::Assignment{});
    hold.assignment.device = device;
    return hold;
}

bool SerialLines::serves(const OwnerState& state, const model::DeviceName& device) const {
    std::error_code error;
    return state.assignment.device == device && std::filesystem::exists(layout_.serial_socket(device), error);
}

Result<> SerialLines::assign(const model::Assignment& wanted) {
    const auto control = layout_.serial_control(wanted.device);
    BULKHEAD_TRY(make_folder(folder_of(layout_), 0711));  // QEMU's user passes through, and lists nothing
    if (auto owner = OwnerConnection::open(control)) {
        const auto state = owner->state(answer_deadline);
        if (state && state->assignment == wanted && serves(*state, wanted.device)) return {};
        if (state && state->assignment.device == wanted.device && state->assignment.token > wanted.token)
            return fail(Code::refused,
                        "token " + std::to_string(wanted.token) + " is older than that of its owner",
                        wanted.device.str(), "at least " + std::to_string(state->assignment.token));
        BULKHEAD_TRY(owner->end(patience_with_an_old_owner));
    }
    // Before the start, so that its first event is not missed.
    const Fd folder_events(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    if (!folder_events ||
        ::inotify_add_watch(folder_events.get(), control.parent_path().c_str(), IN_MOVED_TO) < 0)
        return fail_errno("can't watch the owners' folder", control.parent_path().string());
    BULKHEAD_TRY(start_owner_(command_of(wanted)));
    return await(wanted, folder_events.get());
}

// An owner moves its control socket into place as the last thing before it serves.
Result<> SerialLines::await(const model::Assignment& wanted, int folder_events) const {
    const auto deadline = Clock::now() + start_deadline;
    while (true) {
        if (auto owner = OwnerConnection::open(layout_.serial_control(wanted.device))) {
            const auto state = owner->state(answer_deadline);
            if (state && state->assignment == wanted) return {};
        }
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
        pollfd events{folder_events, POLLIN, 0};
        if (left <= 0 || ::poll(&events, 1, static_cast<int>(left)) <= 0)
            return fail(Code::timeout, "the owner of the line does not serve", wanted.device.str(), {},
                        "its log says why");
        alignas(inotify_event) std::array<char, 4096> told{};
        [[maybe_unused]] const ssize_t got = ::read(folder_events, told.data(), told.size());
    }
}

Result<> SerialLines::release(const model::DeviceName& device, std::uint64_t token) {
    const auto control = layout_.serial_control(device);
    const auto recorded = Fence::recorded(Fence::path_of(control));
    // What is released is gone already; the device is somebody else's by now.
    if (recorded && recorded->token > token) return {};
    if (auto owner = OwnerConnection::open(control)) BULKHEAD_TRY(owner->end(patience_with_an_old_owner));
    for (const auto& file : files_of(layout_, device)) BULKHEAD_TRY(remove_file(file));
    return {};
}

std::vector<std::string> SerialLines::command_of(const model::Assignment& assignment) const {
    std::vector<std::string> command{"bulkhead-serial",
                                     "--device",
                                     assignment.device.str(),
                                     "--partition",
                                     assignment.partition.str(),
                                     "--token",
                                     std::to_string(assignment.token),
                                     "--at",
                                     assignment.at,
                                     "--line",
                                     model::to_string(assignment.line),
                                     "--socket",
                                     layout_.serial_socket(assignment.device).string(),
                                     "--control",
                                     layout_.serial_control(assignment.device).string()};
    if (const auto rules = to_string(assignment.rules); !rules.empty()) {
        command.emplace_back("--guard");
        command.push_back(rules);
    }
    return command;
}

}  // namespace bulkhead::passthrough
