#include "passthrough/shared_lines.hpp"

#include <chrono>
#include <system_error>

#include "base/file.hpp"
#include "base/helper_connection.hpp"
#include "passthrough/folder_events.hpp"

namespace bulkhead::passthrough {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
constexpr auto arbiter_answers_within = 1s;  // a look
// Silent for so long it hangs, and is ended; sooner it may just be late, and its end cuts all at that line.
constexpr auto arbiter_hangs_after = 10s;
constexpr auto patience = 3s;
constexpr auto arbiter_starts_within = 10s;
constexpr std::string_view who = "process that gives turns at the line";

Result<HelperConnection> connect(const std::filesystem::path& control) {
    return HelperConnection::open(control, std::string(who));
}

Result<LineState> state_of(HelperConnection& helper, std::chrono::milliseconds deadline) {
    BULKHEAD_TRY_ASSIGN(const auto payload, helper.state(deadline));
    return decode_line_state(payload);
}

std::chrono::milliseconds left_until(Clock::time_point end) {
    return std::max(0ms, std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()));
}

// Of a place, the same on every run; sockets have short paths.
std::string key_of(const std::string& at) {
    return config_id(at);
}

}  // namespace

std::filesystem::path SharedLines::control(const std::string& at) const {
    return folder_ / (key_of(at) + ".ctl");
}

std::filesystem::path SharedLines::terminal(const model::Assignment& assignment) const {
    return folder_ / key_of(assignment.at) / assignment.device.str();
}

Result<LineState> SharedLines::look(const std::string& at) const {
    return look_for(at, arbiter_answers_within);
}

Result<LineState> SharedLines::look_for(const std::string& at, std::chrono::milliseconds deadline) const {
    BULKHEAD_TRY_ASSIGN(auto helper, connect(control(at)));
    BULKHEAD_TRY_ASSIGN(auto state, state_of(helper, deadline));
    if (state.at != at)
        return fail(Code::conflict, "the " + std::string(who) + " has another one", state.at, at);
    return state;
}

Result<> SharedLines::join(const model::Assignment& wanted) const {
    BULKHEAD_TRY(make_folder(folder_, 0700));
    const auto now = look_for(wanted.at, arbiter_hangs_after);
    if (!now && now.error().code == Code::conflict) return std::unexpected(now.error());
    if (!now || now->line != wanted.line) {
        if (auto former = connect(control(wanted.at)))
            BULKHEAD_TRY(former->end(encode(LineRequest{.stop = true}), patience));
        BULKHEAD_TRY(start(wanted));
    }
    return ask(wanted, {.join = wanted.device});
}

Result<> SharedLines::leave(const model::Assignment& assignment) const {
    const auto now = look(assignment.at);
    if (!now || !now->turns.contains(assignment.device)) return {};
    return ask(assignment, {.leave = assignment.device});
}

// Returns when it is so.
Result<> SharedLines::ask(const model::Assignment& of, const LineRequest& request) const {
    const bool there = request.join.has_value();
    BULKHEAD_TRY_ASSIGN(auto helper, connect(control(of.at)));
    BULKHEAD_TRY(helper.ask(encode(request)));
    for (const auto end = Clock::now() + arbiter_answers_within;;) {
        const auto left = left_until(end);
        const auto state = state_of(helper, left);
        if (state && state->turns.contains(of.device) == there) return {};
        if (!state || left == 0ms)
            return fail(
                Code::timeout,
                "the " + std::string(who) + " does not " + (there ? "take the device in" : "let it go"),
                of.device.str());
    }
}

Result<> SharedLines::start(const model::Assignment& wanted) const {
    const auto control_path = control(wanted.at);
    // Before the start, so that its first event is not missed.
    BULKHEAD_TRY_ASSIGN(const auto events, FolderEvents::open(folder_));
    BULKHEAD_TRY(start_({"bulkhead-line", "--at", wanted.at, "--line", to_string(wanted.line), "--control",
                         control_path.string(), "--terminals", (folder_ / key_of(wanted.at)).string()}));
    // It moves its control socket into place as the last thing before it serves.
    for (const auto end = Clock::now() + arbiter_starts_within;;) {
        if (const auto state = look_for(wanted.at, left_until(end)); state && state->line == wanted.line)
            return {};
        if (!events.wait_until(end))
            return fail(Code::timeout, "the " + std::string(who) + " does not serve", wanted.at, {},
                        "its log says why");
    }
}

Result<> SharedLines::end_all_but(const std::set<std::string>& places) const {
    std::set<std::filesystem::path> kept;
    for (const auto& place : places) kept.insert(control(place));
    std::set<std::filesystem::path> found;
    std::error_code none;  // of a folder that is not there, nothing
    for (const auto& entry : std::filesystem::directory_iterator(folder_, none))
        if (entry.path().extension() == ".ctl" && !kept.contains(entry.path())) found.insert(entry.path());
    for (const auto& path : found) {
        if (auto helper = connect(path))
            BULKHEAD_TRY(helper->end(encode(LineRequest{.stop = true}), patience));
        std::error_code error;
        auto terminals = path;
        std::filesystem::remove_all(terminals.replace_extension(), error);
        if (error) return fail(Code::io, "can't remove: " + error.message(), terminals.string());
        BULKHEAD_TRY(remove_file(path));
    }
    return {};
}

}  // namespace bulkhead::passthrough
