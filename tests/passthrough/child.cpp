#include "tests/passthrough/child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>

namespace bulkhead::testing_support {

std::string program(const char* variable) {
    const char* const path = std::getenv(variable);
    return path == nullptr ? std::string() : std::string(path);
}

Child::Child(const std::vector<std::string>& argv, const std::vector<std::string>& environment) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return;
    output_ = Fd(ends[0]);
    const Fd input(ends[1]);
    std::vector<char*> words;
    for (const auto& word : argv) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ != 0) return;
    for (const auto& entry : environment) ::putenv(const_cast<char*>(entry.c_str()));
    ::dup2(input.get(), STDOUT_FILENO);
    ::dup2(input.get(), STDERR_FILENO);
    ::execv(words.front(), words.data());
    ::_exit(127);
}

Child::~Child() {
    if (reaped_ || pid_ <= 0) return;
    signal(SIGKILL);
    wait();
}

std::string Child::line_with(const std::string& text, std::chrono::seconds patience) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (true) {
        for (auto end = pending_.find('\n'); end != std::string::npos; end = pending_.find('\n')) {
            const std::string line = pending_.substr(0, end);
            pending_.erase(0, end + 1);
            if (line.find(text) != std::string::npos) return line;
        }
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
        pollfd ready{output_.get(), POLLIN, 0};
        if (left.count() <= 0 || ::poll(&ready, 1, static_cast<int>(left.count())) <= 0) return {};
        std::array<char, 4096> bytes{};
        const ssize_t got = ::read(output_.get(), bytes.data(), bytes.size());
        if (got <= 0) return {};
        pending_.append(bytes.data(), static_cast<std::size_t>(got));
    }
}

void Child::signal(int number) const {
    ::kill(pid_, number);
}

int Child::wait() {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    reaped_ = true;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

}  // namespace bulkhead::testing_support
