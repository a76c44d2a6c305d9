#include "base/program.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <vector>

#include "base/fd.hpp"
#include "base/text.hpp"

namespace bulkhead {
namespace {

// The last line says what went wrong.
std::string last_message(int fd) {
    std::string text(4096, '\0');
    const auto got = ::pread(fd, text.data(), text.size(), 0);
    text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    std::string last;
    for (const auto& line : split_text(text, '\n'))
        if (!trimmed(line).empty()) last = printable(trimmed(line), 200);
    return last;
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> all;
    for (const auto& text : texts) all.push_back(const_cast<char*>(text.c_str()));
    all.push_back(nullptr);
    return all;
}

}  // namespace

Result<> run_program(const std::filesystem::path& program, std::span<const std::string> arguments,
                     std::span<const std::string> environment, std::string mend) {
    std::vector<std::string> words{program.string()};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<std::string> settings{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"};
    settings.insert(settings.end(), environment.begin(), environment.end());

    const Fd messages(::memfd_create("messages", MFD_CLOEXEC));
    if (!messages) return fail_errno("can't make a file for messages");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, messages.get(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, messages.get(), STDERR_FILENO);
    pid_t child = 0;
    const int failed = ::posix_spawn(&child, program.c_str(), &actions, nullptr, pointers(words).data(),
                                     pointers(settings).data());
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0)
        return fail(Code::unavailable, "can't start: " + std::generic_category().message(failed),
                    program.string(), {}, std::move(mend));
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return fail(Code::io, program.filename().string() + " failed: " + last_message(messages.get()));
    return {};
}

}  // namespace bulkhead
