#include "cli/interrupt.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>

namespace bulkhead::cli {
namespace {

sigset_t our_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set, number);
    return set;
}

void ring(const Fd& event) {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(event.get(), &one, sizeof one);
}

}  // namespace

Interrupt::Interrupt() {
    const sigset_t set = our_signals();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    signals_ = Fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
    came_ = Fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    stop_ = Fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    thread_ = std::thread([this] { watch(); });
}

Interrupt::~Interrupt() {
    ring(stop_);
    thread_.join();
}

void Interrupt::watch() {
    while (true) {
        std::array<pollfd, 2> waiting{{{signals_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}}};
        if (::poll(waiting.data(), waiting.size(), -1) < 0) continue;
        if (waiting[1].revents != 0) return;
        signalfd_siginfo info{};
        if (::read(signals_.get(), &info, sizeof info) != sizeof info) continue;
        signal_ = static_cast<int>(info.ssi_signo);
        // From now on the signals do what they always did.
        const sigset_t set = our_signals();
        pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
        ring(came_);
        {
            const std::lock_guard lock(mutex_);
            if (callback_) callback_();
        }
        // This thread stays: it is the one that a second signal can reach.
        while (::poll(&waiting[1], 1, -1) < 0) {
        }
        return;
    }
}

void Interrupt::on_signal(std::function<void()> callback) {
    const std::lock_guard lock(mutex_);
    callback_ = std::move(callback);
    if (signal_ != 0 && callback_) callback_();
}

bool Interrupt::sleep(std::chrono::milliseconds time) const {
    pollfd waiting{came_.get(), POLLIN, 0};
    return ::poll(&waiting, 1, static_cast<int>(time.count())) <= 0;
}

void Interrupt::die() const {
    const int number = signal_;
    struct sigaction action{};
    action.sa_handler = SIG_DFL;
    ::sigaction(number, &action, nullptr);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
    ::raise(number);
    std::_Exit(128 + number);
}

}  // namespace bulkhead::cli
