#include "cli/terminal.hpp"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "base/text.hpp"
#include "cli/interrupt.hpp"

namespace bulkhead::cli {
namespace {

bool is_terminal(int fd) {
    return ::isatty(fd) == 1;
}

std::string_view variable(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

std::size_t columns_of(int fd) {
    winsize size{};
    return ::ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0U;
}

// For the handler of fatal signals, which may use nothing but plain memory.
termios saved_for_signals{};

void restore_and_die(int number) {
    ::tcsetattr(STDIN_FILENO, TCSANOW, &saved_for_signals);
    ::raise(number);  // SA_RESETHAND has put the default back
}

// SIGINT and its kin too: Interrupt blocks them until the first came, a second one ends the process at once.
constexpr std::array fatal_signals{SIGSEGV, SIGBUS,  SIGILL, SIGFPE,  SIGABRT,
                                   SIGQUIT, SIGPIPE, SIGINT, SIGTERM, SIGHUP};

void on_fatal_signals(void (*handler)(int)) {
    struct sigaction action{};
    action.sa_handler = handler;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    for (const int number : fatal_signals) ::sigaction(number, &action, nullptr);
}

}  // namespace

Terminal::Terminal() {
    const bool colour = variable("NO_COLOR").empty() && variable("TERM") != "dumb";
    const bool moves = variable("TERM") != "dumb";
    colour_out_ = colour && is_terminal(STDOUT_FILENO);
    colour_err_ = colour && is_terminal(STDERR_FILENO);
    lively_ = moves && is_terminal(STDERR_FILENO);
    can_ask_ = is_terminal(STDIN_FILENO) && is_terminal(STDERR_FILENO);
}

void Terminal::out(std::string_view text) const {
    std::fwrite(text.data(), 1, text.size(), stdout);
}

void Terminal::err(std::string_view text) const {
    std::fflush(stdout);  // what comes first on a terminal that shows both
    std::fwrite(text.data(), 1, text.size(), stderr);
    std::fflush(stderr);
}

std::size_t Terminal::width() const {
    return is_terminal(STDOUT_FILENO) ? columns_of(STDOUT_FILENO) : 0;
}

std::size_t Terminal::error_width() const {
    const std::size_t columns = columns_of(STDERR_FILENO);
    return columns == 0 ? 80 : columns;
}

std::optional<std::string> Terminal::ask(std::string_view question, const Interrupt& interrupt) const {
    err(question);
    std::string line;
    while (true) {
        std::array<pollfd, 2> waiting{{{STDIN_FILENO, POLLIN, 0}, {interrupt.fd(), POLLIN, 0}}};
        if (::poll(waiting.data(), waiting.size(), -1) < 0) continue;
        if (waiting[1].revents != 0) break;
        char c = 0;
        if (::read(STDIN_FILENO, &c, 1) != 1) break;
        if (c == '\n') return std::string(trimmed(line));
        if (line.size() < 256) line += c;
    }
    err("\n");
    return std::nullopt;
}

std::optional<std::string> Terminal::ask_secret(std::string_view question, const Interrupt& interrupt) const {
    termios before{};
    if (::tcgetattr(STDIN_FILENO, &before) != 0) return std::nullopt;
    saved_for_signals = before;
    on_fatal_signals(restore_and_die);
    termios silent = before;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    auto typed = ask(question, interrupt);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    on_fatal_signals(SIG_DFL);
    if (typed) err("\n");
    return typed;
}

std::optional<std::string> Terminal::read_line() const {
    std::string line;
    char c = 0;
    while (::read(STDIN_FILENO, &c, 1) == 1 && line.size() < 1024) {
        if (c == '\n') return line;
        if (c != '\r') line += c;
    }
    if (line.empty()) return std::nullopt;
    return line;
}

Result<> Terminal::flush() const {
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) return fail_errno("can't write", "stdout");
    return {};
}

Result<RawTerminal> RawTerminal::enter() {
    termios before{};
    if (::tcgetattr(STDIN_FILENO, &before) != 0)
        return fail(Code::refused, "stdin is not a terminal", {}, "a terminal to type in");
    saved_for_signals = before;
    on_fatal_signals(restore_and_die);
    termios raw = before;
    ::cfmakeraw(&raw);
    if (::tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) != 0) return fail_errno("can't set the terminal raw");
    return RawTerminal(before);
}

RawTerminal::RawTerminal(RawTerminal&& other) noexcept
    : before_(other.before_), owns_(std::exchange(other.owns_, false)) {
}

RawTerminal::~RawTerminal() {
    if (!owns_) return;
    ::tcsetattr(STDIN_FILENO, TCSADRAIN, &before_);
    on_fatal_signals(SIG_DFL);
}

}  // namespace bulkhead::cli
