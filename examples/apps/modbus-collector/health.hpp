// Tells Bulkhead's agent, by lines on stdout, how the work goes:
//   reading: TEXT     the latest value, for the table
//   degraded: TEXT    the program runs but can't do its work, and why
//   ok                it can again
#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace modbus_collector {

class Health {
  public:
    using Time = std::chrono::steady_clock::time_point;
    using Print = std::function<void(const std::string& line)>;

    // `who` stays silent for `patience` before that is said.
    Health(std::string who, std::chrono::seconds patience, Time now, Print print);

    // An answer came; `text` is printed if it is not what was printed last.
    void answered(Time now, const std::string& text);
    // No answer came.
    void silent(Time now);

  private:
    std::string who_;
    std::chrono::seconds patience_;
    Time last_answer_;
    Print print_;
    std::string reading_;
    bool degraded_ = false;
};

}  // namespace modbus_collector
