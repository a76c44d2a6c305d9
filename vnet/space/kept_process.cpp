#include "vnet/space/kept_process.hpp"

#include <poll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <system_error>

#include "base/fd.hpp"
#include "base/file.hpp"
#include "base/helper_connection.hpp"
#include "base/name.hpp"
#include "base/process.hpp"
#include "base/units.hpp"

namespace bulkhead::vnet {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
constexpr auto answer_deadline = 2s;  // of a look
// Silent for so long it hangs, and is ended; sooner it may just be late, and its end cuts connections.
constexpr auto hang_deadline = 10s;
constexpr auto start_deadline = 20s;
constexpr auto patience = 5s;
constexpr std::size_t longest_command_line = 64 * 1024;
constexpr std::uint64_t most_processes = 4'194'304;  // PID_MAX_LIMIT of a 64-bit kernel

std::chrono::milliseconds left(Clock::time_point deadline) {
    return std::max(0ms, std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()));
}

// Its arguments end so, and it is of our user. `process`: its folder in /proc, whose process is held open.
bool was_started_with(const std::filesystem::path& process, const std::vector<std::string>& arguments) {
    struct stat status{};
    if (::stat(process.c_str(), &status) != 0 || status.st_uid != ::geteuid()) return false;
    std::string wanted;
    for (const auto& argument : arguments) wanted += '\0' + argument;
    wanted += '\0';
    const auto line = read_file(process / "cmdline", longest_command_line);
    return line && line->ends_with(wanted);
}

}  // namespace

Result<std::string> KeptProcess::payload() const {
    return payload_within(answer_deadline);
}

Result<std::string> KeptProcess::payload_within(std::chrono::milliseconds deadline) const {
    BULKHEAD_TRY_ASSIGN(auto process, HelperConnection::open(places_.control, what_));
    return process.state(deadline);
}

Result<KeptProcess::Said> KeptProcess::said_within(std::chrono::milliseconds deadline) const {
    BULKHEAD_TRY_ASSIGN(const auto text, payload_within(deadline));
    return read_(text);
}

bool KeptProcess::is_there() const {
    const auto process = HelperConnection::open(places_.control, what_);
    return process || process.error().code != Code::unavailable;
}

bool KeptProcess::is_silent() const {
    return !payload_within(hang_deadline);
}

std::string KeptProcess::flaw_under(const std::string& order) const {
    const auto now = said_within(answer_deadline);
    if (!now) return "its process does not answer: " + now.error().what;
    if (now->config != config_id(order)) return "it was told something else";
    return now->error;
}

std::vector<std::string> KeptProcess::arguments() const {
    return {"--config", places_.config.string(), "--control", places_.control.string(),
            "--folder", places_.folder.string()};
}

Result<> KeptProcess::become(const std::string& order, const StartProcess& start) const {
    BULKHEAD_TRY(write_file_atomically(places_.config, order, 0600));
    const auto now = said_within(hang_deadline);
    if (now && now->config == config_id(order) && now->error.empty()) return {};
    if (!now) BULKHEAD_TRY(end());  // if it is there it hangs: never a second one beside it
    auto process = HelperConnection::open(places_.control, what_);
    if (process) {
        BULKHEAD_TRY(process->ask(reload_request));
    } else {
        auto argv = arguments();
        argv.insert(argv.begin(), "bulkhead-" + what_);
        BULKHEAD_TRY(start(argv));
    }
    return await(config_id(order));
}

// It says so on its control socket, which it moves into place as the last thing of its start.
Result<> KeptProcess::await(const std::string& config) const {
    const auto deadline = Clock::now() + start_deadline;
    const auto folder = places_.control.parent_path();
    // Before the first look, so that nothing is missed.
    const Fd watch(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    if (!watch || ::inotify_add_watch(watch.get(), folder.c_str(), IN_MOVED_TO) < 0)
        return fail_errno("can't watch the folder of control sockets", folder.string());
    while (left(deadline) > 0ms) {
        auto process = HelperConnection::open(places_.control, what_);
        while (process) {
            const auto text = process->state(left(deadline));
            if (!text) break;
            BULKHEAD_TRY_ASSIGN(const Said now, read_(*text));
            if (now.config != config) continue;  // it has not come to it yet
            if (now.error.empty()) return {};
            return fail(Code::io, now.error, what_ + "/" + name_);
        }
        pollfd events{watch.get(), POLLIN, 0};
        if (::poll(&events, 1, static_cast<int>(left(deadline).count())) <= 0) break;
        alignas(inotify_event) std::array<char, 4096> told{};
        [[maybe_unused]] const ssize_t got = ::read(watch.get(), told.data(), told.size());
    }
    return fail(Code::timeout, "the " + what_ + " does not serve", name_, {}, "its log says why");
}

Result<> KeptProcess::end() const {
    auto process = HelperConnection::open(places_.control, what_);
    if (process) return process->end(stop_request, patience);
    switch (process.error().code) {
        case Code::unavailable:
            return {};
        case Code::timeout:
            return kill_unreachable();
        default:
            return std::unexpected(process.error());
    }
}

// So many wait at its door that it does not even tell who it is. It is found by what it was started with.
Result<> KeptProcess::kill_unreachable() const {
    std::error_code error;
    std::filesystem::directory_iterator entry("/proc", error);
    for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
        const auto number = parse_number(entry->path().filename().string(), 1, most_processes);
        const Fd process = number ? open_process(static_cast<pid_t>(*number)) : Fd();
        if (process && was_started_with(entry->path(), arguments()))
            BULKHEAD_TRY(kill_process(process, what_));
    }
    if (error) return fail(Code::io, "can't look for processes: " + error.message(), "/proc");
    const auto left = HelperConnection::open(places_.control, what_);
    if (!left && left.error().code == Code::unavailable) return {};
    return fail(Code::timeout, "the " + what_ + " hangs and is not found", name_, {},
                "end the process that serves " + places_.control.string());
}

Result<> KeptProcess::remove() const {
    BULKHEAD_TRY(end());
    std::error_code error;
    std::filesystem::remove_all(places_.folder, error);
    if (error) return fail(Code::io, "can't remove: " + error.message(), places_.folder.string());
    for (const auto& file : {places_.control, std::filesystem::path(places_.control.string() + ".new")})
        BULKHEAD_TRY(remove_file(file));
    return remove_file(places_.config);
}

std::vector<std::string> ordered_in(const std::filesystem::path& folder) {
    std::vector<std::string> names;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error))
        if (entry.path().extension() == ".json" && is_label(entry.path().stem().string()))
            names.push_back(entry.path().stem().string());
    return names;
}

}  // namespace bulkhead::vnet
