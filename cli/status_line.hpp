// The one line on stderr that moves while something long goes on; on a terminal only.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace bulkhead::cli {

class Terminal;

class StatusLine {
  public:
    explicit StatusLine(const Terminal& terminal);
    ~StatusLine();
    StatusLine(const StatusLine&) = delete;
    StatusLine& operator=(const StatusLine&) = delete;

    // What goes on now: redrawn with a spinner and the time since it was first said. Not on a terminal:
    // nothing.
    void show(std::string text);
    // A line that stays, above the moving one.
    void print(std::string_view line);
    void clear();

  private:
    void run();
    void draw();
    void wipe();

    const Terminal& terminal_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::string text_;
    std::chrono::steady_clock::time_point since_;
    std::size_t turn_ = 0;
    bool drawn_ = false;
    bool stop_ = false;
    std::thread thread_;
};

// "[######----]" for done of total.
std::string bar(std::size_t done, std::size_t total, std::size_t width = 12);

}  // namespace bulkhead::cli
