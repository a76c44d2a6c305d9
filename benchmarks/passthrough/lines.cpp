#include "benchmarks/passthrough/lines.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

#include <csignal>
#include <utility>
#include <vector>

#include "base/file.hpp"
#include "base/loop.hpp"
#include "base/unix_socket.hpp"
#include "passthrough/owner_watch.hpp"

namespace bulkhead::benchmarks {
namespace {

constexpr std::chrono::seconds patience{10};

// Its log goes to a file: what it does is measured, and not read.
Result<> start(const std::filesystem::path& program, const std::filesystem::path& log,
               const std::vector<std::string>& argv) {
    BULKHEAD_TRY_ASSIGN(const Fd file, open_file(log, O_WRONLY | O_CREAT | O_APPEND, 0600));
    posix_spawn_file_actions_t actions{};
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, file.get(), STDERR_FILENO);
    std::vector<char*> words;
    for (const auto& word : argv) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    pid_t pid = 0;
    const int error = ::posix_spawn(&pid, program.c_str(), &actions, nullptr, words.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    if (error != 0) return fail(Code::io, "can't be started", program.string());
    return {};
}

model::Layout layout_in(const std::filesystem::path& folder) {
    model::Layout layout;
    layout.run = folder;
    return layout;
}

}  // namespace

Lines::Lines(const std::filesystem::path& programs, const std::filesystem::path& folder)
    : layout_(layout_in(folder)), lines_(layout_, [programs, log = folder / "owners.log"](const auto& argv) {
          const char* const its_folder = argv.front() == "bulkhead-line" ? "line" : "serial";
          return start(programs / its_folder / argv.front(), log, argv);
      }) {
    std::signal(SIGCHLD, SIG_IGN);  // owners are nobody's to wait for
    std::signal(SIGPIPE, SIG_IGN);
}

Lines::~Lines() {
    for (const auto& [device, hold] : lines_.look()) [[maybe_unused]]
        const auto released = lines_.release(device, hold.assignment.token);
}

Result<> Lines::assign(const std::string& device, const std::string& partition,
                       const std::filesystem::path& at, std::string_view rules, std::string_view line) {
    const model::DeviceName name(device);
    model::Assignment wanted{name, model::PartitionName(partition), ++token_, at.string(), {}};
    BULKHEAD_TRY_ASSIGN(wanted.line, model::parse_serial_line(line));
    BULKHEAD_TRY_ASSIGN(wanted.rules, model::parse_line_rules(rules));
    BULKHEAD_TRY(lines_.assign(wanted));
    return await_line(name);
}

Result<> Lines::release(const std::string& device) {
    return lines_.release(model::DeviceName(device), token_);
}

Result<> Lines::await_line(const model::DeviceName& device) const {
    BULKHEAD_TRY_ASSIGN(const auto loop, Loop::open());
    bool present = false;
    const passthrough::OwnerWatch watch(*loop, layout_.serial_control(device), [&](const auto& state) {
        present = state && state->present;
        if (present) loop->stop();
    });
    loop->after(patience, [&] { loop->stop(); });
    BULKHEAD_TRY(loop->run());
    if (!present) return fail(Code::timeout, "the owner does not open its line", device.str());
    return {};
}

Result<Fd> Lines::connect(const std::string& device) const {
    return connect_unix(layout_.serial_socket(model::DeviceName(device)));
}

}  // namespace bulkhead::benchmarks
