// Ctrl-C and its kin, taken in order: what waits is cancelled, the terminal is put right, then the process
// dies of the signal, so that a shell sees what happened. A second one ends the process at once.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <thread>

#include "base/error.hpp"
#include "base/fd.hpp"

namespace bulkhead::cli {

class Interrupt {
  public:
    // Blocks SIGINT, SIGTERM and SIGHUP for this thread and all later ones: call before any is started.
    Interrupt();
    ~Interrupt();
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;

    // The signal that came, or 0.
    int signal() const { return signal_; }
    // Readable once a signal came; never read it.
    int fd() const { return came_.get(); }
    // Runs on another thread when a signal comes, or at once if one has come. Empty: nothing more to do.
    void on_signal(std::function<void()> callback);
    // Sleeps; false if a signal came meanwhile.
    bool sleep(std::chrono::milliseconds time) const;
    // Ends the process as the signal would have.
    [[noreturn]] void die() const;

  private:
    void watch();

    Fd signals_;
    Fd came_;
    Fd stop_;
    std::atomic<int> signal_ = 0;
    std::mutex mutex_;
    std::function<void()> callback_;
    std::thread thread_;
};

}  // namespace bulkhead::cli
