// A folder with one line in it: where its device, sockets and record go, and bytes in and out with deadlines.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.hpp"
#include "model/resources.hpp"
#include "passthrough/owner_state.hpp"
#include "tests/passthrough/child.hpp"

namespace bulkhead::testing_support {

struct Line {
    Line();
    ~Line();
    Line(const Line&) = delete;
    Line& operator=(const Line&) = delete;

    std::filesystem::path device() const { return folder / "dev" / "rs485-1"; }
    std::filesystem::path socket() const { return folder / "rs485-1.sock"; }
    std::filesystem::path control() const { return folder / "rs485-1.ctl"; }
    // bulkhead-serial for this line, not yet waited for.
    std::unique_ptr<Child> start_owner(std::uint64_t token = 1, const std::string& line = "9600 8N1",
                                       const std::vector<std::string>& more = {}) const;

    std::filesystem::path folder;
};

// Connects to the guest's socket; tries until its owner accepts and keeps the connection.
Fd connect_guest(const std::filesystem::path& socket);
void send_all(int fd, std::string_view bytes);
// Reads until `count` bytes are there or nothing came for five seconds.
std::string receive(int fd, std::size_t count);
// Whether the other end hangs up within five seconds.
bool hangs_up(int fd);
// The owner's own memory, without files and libraries: RssAnon of /proc/PID/status, KiB.
long anonymous_kib(pid_t pid);
// Reads the owner's state until it satisfies `wanted`, for at most ten seconds.
template <class Predicate>
std::optional<passthrough::OwnerState> state_when(const std::filesystem::path& control, Predicate wanted);

}  // namespace bulkhead::testing_support

#include "base/loop.hpp"
#include "passthrough/owner_watch.hpp"

template <class Predicate>
std::optional<bulkhead::passthrough::OwnerState> bulkhead::testing_support::state_when(
    const std::filesystem::path& control, Predicate wanted) {
    const auto loop = *Loop::open();
    std::optional<passthrough::OwnerState> found;
    const passthrough::OwnerWatch watch(*loop, control, [&](const auto& state) {
        if (!state || !wanted(*state)) return;
        found = state;
        loop->stop();
    });
    loop->after(std::chrono::seconds(10), [&] { loop->stop(); });
    [[maybe_unused]] const auto ran = loop->run();
    return found;
}
