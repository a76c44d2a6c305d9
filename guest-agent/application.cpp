#include "guest-agent/application.hpp"

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

#include "base/log.hpp"
#include "base/text.hpp"
#include "policies/sandbox.hpp"

namespace bulkhead::agent {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds first_pause = 1s;
constexpr std::chrono::milliseconds longest_pause = 30s;
// An application that ran this long has started well: the next pause is a short one again.
constexpr auto ran_well = 30s;
constexpr std::chrono::milliseconds flush_period = 1s;
constexpr double lines_per_second = 50;
constexpr double lines_at_once = 200;
constexpr std::size_t longest_reason = 256;
constexpr std::size_t violation_names = 64;

}  // namespace

Application::Application(Loop& loop, const Clock& clock, const policies::Profile& profile, Send send)
    : loop_(loop),
      clock_(clock),
      profile_(profile),
      send_(std::move(send)),
      pause_(first_pause),
      rate_({lines_per_second, lines_at_once}) {
    output_.speaks = true;
    flush_ = loop_.every(flush_period, [this] { flush(); });
}

Application::~Application() {
    for (const Loop::TimerId timer : {restart_, kill_, flush_}) loop_.cancel(timer);
    for (const Fd* fd : {&process_, &violations_, &output_.fd, &errors_.fd})
        if (*fd) loop_.unwatch(fd->get());
    if (pid_ == 0) return;
    ::kill(-pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
}

void Application::start(Command command) {
    if (command_ || stopping_) return;
    command_ = std::move(command);
    run();
}

void Application::refuse(std::string why) {
    if (command_) return;
    state_.set_state(v1::ApplicationState::FAILED);
    state_.set_error(printable(why, longest_reason));
}

void Application::run() {
    auto launched = launch(*command_, profile_);
    if (!launched) {
        log::error("the application can't be started", {{"error", launched.error().text()}});
        state_.set_state(v1::ApplicationState::FAILED);
        state_.set_error(printable(launched.error().text(), longest_reason));
        return run_later();
    }
    pid_ = launched->pid;
    process_ = Fd(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
    violations_ = std::move(launched->violations);
    output_.fd = std::move(launched->output);
    errors_.fd = std::move(launched->errors);
    started_ = clock_.monotonic();
    state_.set_state(v1::ApplicationState::RUNNING);
    state_.clear_error();
    state_.clear_degraded();
    watch(output_);
    watch(errors_);
    std::ignore = loop_.watch(violations_.get(), EPOLLIN, [this](std::uint32_t) { on_violation(); });
    std::ignore = loop_.watch(process_.get(), EPOLLIN, [this](std::uint32_t) { on_exit(); });
    log::info("the application runs", {{"program", command_->program}, {"pid", std::to_string(pid_)}});
}

void Application::watch(Stream& stream) {
    std::ignore =
        loop_.watch(stream.fd.get(), EPOLLIN, [this, &stream](std::uint32_t) { read_some(stream); });
}

// One chunk per round of the loop, so that a flood holds nothing up. False at the end, and when there is no
// more.
bool Application::read_some(Stream& stream) {
    std::array<char, 4096> chunk{};
    const ssize_t count = ::read(stream.fd.get(), chunk.data(), chunk.size());
    if (count < 0) return errno == EINTR;
    const auto line = [this, &stream](std::string text) { on_line(stream, std::move(text)); };
    if (count > 0) {
        stream.lines.feed({chunk.data(), static_cast<std::size_t>(count)}, line);
        return true;
    }
    stream.lines.finish(line);
    loop_.unwatch(stream.fd.get());
    stream.fd.reset();
    return false;
}

// What is left after its end; bounded by the pipe's size, unless a process that it left behind still writes.
void Application::drain(Stream& stream) {
    for (int chunks = 0; stream.fd && chunks < 32 && read_some(stream); ++chunks) {
    }
    if (!stream.fd) return;
    loop_.unwatch(stream.fd.get());
    stream.fd.reset();
    stream.lines.finish([this, &stream](std::string text) { on_line(stream, std::move(text)); });
}

void Application::on_line(const Stream& stream, std::string line) {
    const Meaning meaning = stream.speaks ? meaning_of(line) : Meaning{Meaning::Kind::log, line};
    if (meaning.kind == Meaning::Kind::degraded) state_.set_degraded(printable(meaning.text, longest_reason));
    if (meaning.kind == Meaning::Kind::fine) {
        state_.clear_degraded();
        return;
    }
    const bool reading = meaning.kind == Meaning::Kind::reading;
    if (!rate_.take(clock_.monotonic())) {
        if (reading)
            late_reading_ = meaning.text;
        else
            ++dropped_;
        return;
    }
    v1::FromAgent message;
    auto& output = *message.mutable_output();
    output.set_kind(reading ? v1::Output::READING : v1::Output::LOG);
    output.set_text(reading ? std::string(meaning.text) : line);
    output.set_dropped(std::exchange(dropped_, 0U));
    if (reading) late_reading_.reset();
    send_(std::move(message));
}

void Application::on_violation() {
    auto name = policies::refuse_next(violations_.get());
    if (!name || !*name) return;
    const bool room = refused_.size() < violation_names || refused_.contains(**name);
    ++refused_[room ? **name : "others"];
}

void Application::flush() {
    if (late_reading_) {
        v1::FromAgent message;
        message.mutable_output()->set_kind(v1::Output::READING);
        message.mutable_output()->set_text(*std::exchange(late_reading_, std::nullopt));
        send_(std::move(message));
    }
    for (const auto& [name, count] : std::exchange(refused_, {})) {
        v1::FromAgent message;
        message.mutable_violation()->set_syscall(name);
        message.mutable_violation()->set_count(count);
        send_(std::move(message));
    }
}

void Application::on_exit() {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) != pid_) return;
    // What it left behind goes with it.
    ::kill(-pid_, SIGKILL);
    pid_ = 0;
    for (Fd* fd : {&process_, &violations_}) {
        loop_.unwatch(fd->get());
        fd->reset();
    }
    drain(output_);
    drain(errors_);
    flush();
    state_.set_exit_code(WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status));
    log::info("the application ended", {{"code", std::to_string(state_.exit_code())}});
    if (stopping_) {
        state_.set_state(v1::ApplicationState::NONE);
        loop_.cancel(kill_);
        if (stopped_) stopped_();
        return;
    }
    if (clock_.monotonic() - started_ >= ran_well) pause_ = first_pause;
    state_.set_state(v1::ApplicationState::BACKING_OFF);
    run_later();
}

void Application::run_later() {
    restart_ = loop_.after(pause_, [this] {
        state_.set_restarts(state_.restarts() + 1);
        run();
    });
    pause_ = std::min(pause_ * 2, longest_pause);
}

void Application::stop(std::chrono::milliseconds grace, std::function<void()> done) {
    stopping_ = true;
    stopped_ = std::move(done);
    loop_.cancel(restart_);
    if (pid_ == 0) return stopped_();
    ::kill(-pid_, SIGTERM);
    kill_ = loop_.after(grace, [this] { ::kill(-pid_, SIGKILL); });
}

}  // namespace bulkhead::agent
