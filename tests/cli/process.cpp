#include "tests/cli/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>

namespace bulkhead::cli {
namespace {

struct Pipe {
    Fd read;
    Fd write;
};

Pipe make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) std::abort();
    return {Fd(ends[0]), Fd(ends[1])};
}

// Everything that the child needs is made before the fork: the parent has threads.
class Image {
  public:
    Image(const Process::Words& words, const std::string& socket, const char* terminal)
        : variables_{"BULKHEAD_SOCKET=" + socket, std::string("TERM=") + terminal, "PATH=/usr/bin:/bin",
                     "ASAN_OPTIONS=detect_leaks=0",
                     "XDG_CONFIG_HOME=" + std::filesystem::path(socket).parent_path().string()},
          words_(words) {
        words_.insert(words_.begin(), binary());
        for (auto& word : words_) argv_.push_back(word.data());
        for (auto& variable : variables_) envp_.push_back(variable.data());
        argv_.push_back(nullptr);
        envp_.push_back(nullptr);
    }
    Image(const Image&) = delete;
    Image& operator=(const Image&) = delete;
    [[noreturn]] void exec() {
        ::execve(argv_[0], argv_.data(), envp_.data());
        ::_exit(126);
    }

  private:
    std::vector<std::string> variables_;
    Process::Words words_;
    std::vector<char*> argv_;
    std::vector<char*> envp_;
};

// Appends what is there to `text`; closes at the end.
void drain(Fd& fd, std::string& text) {
    std::array<char, 4096> chunk{};
    const ssize_t got = ::read(fd.get(), chunk.data(), chunk.size());
    if (got <= 0)
        fd.reset();  // a terminal ends with EIO
    else
        text.append(chunk.data(), static_cast<std::size_t>(got));
}

}  // namespace

std::string binary() {
    const char* const path = std::getenv("BULKHEAD_BINARY");
    if (path == nullptr) std::abort();
    return path;
}

Process Process::on_pipes(const Words& words, const std::string& socket, const std::string& input) {
    Image image(words, socket, "xterm");
    Pipe in = make_pipe();
    Pipe out = make_pipe();
    Pipe err = make_pipe();
    Process process;
    process.pid_ = ::fork();
    if (process.pid_ == 0) {
        ::dup2(in.read.get(), 0);
        ::dup2(out.write.get(), 1);
        ::dup2(err.write.get(), 2);
        image.exec();
    }
    [[maybe_unused]] const auto wrote = ::write(in.write.get(), input.data(), input.size());
    process.out_ = std::move(out.read);
    process.err_ = std::move(err.read);
    return process;
}

Process Process::on_terminal(const Words& words, const std::string& socket) {
    Image image(words, socket, "xterm");
    int master = -1;
    int slave = -1;
    const winsize size{40, 160, 0, 0};
    if (::openpty(&master, &slave, nullptr, nullptr, &size) != 0) std::abort();
    Process process;
    process.out_ = Fd(master);
    process.slave_ = Fd(slave);
    process.pid_ = ::fork();
    if (process.pid_ == 0) {
        ::login_tty(slave);
        image.exec();
    }
    ::fcntl(master, F_SETFD, FD_CLOEXEC);
    return process;
}

bool Process::read_some() {
    std::array<pollfd, 2> waiting{{{out_.get(), POLLIN, 0}, {err_.get(), POLLIN, 0}}};
    if (!out_ && !err_) return false;
    // We hold the slave, so a terminal never says that it ended: the process does.
    const int ready = ::poll(waiting.data(), waiting.size(), slave_ ? 20 : -1);
    if (ready == 0) {
        siginfo_t info{};
        ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT);
        if (info.si_pid == 0) return true;
        // What it said last came before its end, and perhaps after the look above.
        if (::poll(waiting.data(), waiting.size(), 0) == 0) return false;
    }
    if (waiting[0].revents != 0) drain(out_, out_text_);
    if (waiting[1].revents != 0) drain(err_, err_text_);
    return true;
}

bool Process::wait_for(const std::string& text) {
    const auto seen = [&] {
        return out_text_.find(text) != std::string::npos || err_text_.find(text) != std::string::npos;
    };
    while (!seen())
        if (!read_some()) return seen();
    return true;
}

Ended Process::wait() {
    while (read_some()) {
    }
    int status = 0;
    ::waitpid(pid_, &status, 0);
    Ended ended;
    if (WIFEXITED(status)) ended.exit = WEXITSTATUS(status);
    if (WIFSIGNALED(status)) ended.signal = WTERMSIG(status);
    ended.out = out_text_;
    ended.err = err_text_;
    return ended;
}

void Process::type(const std::string& text) {
    [[maybe_unused]] const auto wrote = ::write(out_.get(), text.data(), text.size());
}

void Process::kill(int signal) const {
    ::kill(pid_, signal);
}

bool Process::is_raw() const {
    termios now{};
    ::tcgetattr(slave_.get(), &now);
    return (now.c_lflag & (ICANON | ECHO | ISIG)) == 0;
}

}  // namespace bulkhead::cli
