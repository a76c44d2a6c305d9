#include "vnet/space/kept_process.hpp"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <system_error>

#include "base/fd.hpp"
#include "base/file.hpp"
#include "base/helper_connection.hpp"
#include "base/name.hpp"

namespace bulkhead::vnet {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
constexpr auto answer_deadline = 2s;
constexpr auto start_deadline = 20s;
constexpr auto patience = 5s;

std::chrono::milliseconds left(Clock::time_point deadline) {
    return std::max(0ms, std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()));
}

}  // namespace

Result<std::string> KeptProcess::payload() const {
    BULKHEAD_TRY_ASSIGN(auto process, HelperConnection::open(places_.control, what_));
    return process.state(answer_deadline);
}

Result<KeptProcess::Said> KeptProcess::said() const {
    BULKHEAD_TRY_ASSIGN(const auto text, payload());
    return read_(text);
}

bool KeptProcess::is_there() const {
    const auto process = HelperConnection::open(places_.control, what_);
    return process || process.error().code != Code::unavailable;
}

std::string KeptProcess::flaw_under(const std::string& order) const {
    const auto now = said();
    if (!now) return "its process does not answer: " + now.error().what;
    if (now->config != config_id(order)) return "it was told something else";
    return now->error;
}

Result<> KeptProcess::become(const std::string& order, const StartProcess& start) const {
    BULKHEAD_TRY(write_file_atomically(places_.config, order, 0600));
    const auto now = said();
    if (now && now->config == config_id(order) && now->error.empty()) return {};
    auto process = HelperConnection::open(places_.control, what_);
    if (process && !now) {  // it is there and hung
        BULKHEAD_TRY(process->end(stop_request, patience));
        process = std::unexpected(now.error());
    }
    if (process)
        BULKHEAD_TRY(process->ask(reload_request));
    else
        BULKHEAD_TRY(start({"bulkhead-" + what_, "--config", places_.config.string(), "--control",
                            places_.control.string(), "--folder", places_.folder.string()}));
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
    return process ? process->end(stop_request, patience) : Result<>();
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
