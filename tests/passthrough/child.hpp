// A program under test, whose lines are waited for.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

#include "base/fd.hpp"

namespace bulkhead::testing_support {

// The program that the build made for this test, by the name of the environment variable that says where.
std::string program(const char* variable);

class Child {
  public:
    // Starts argv[0] with stdout and stderr in one pipe; `environment` is added to ours.
    explicit Child(const std::vector<std::string>& argv, const std::vector<std::string>& environment = {});
    ~Child();  // kills and reaps
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    // The next line that contains `text`; empty if there is none in time or the output ended.
    std::string line_with(const std::string& text, std::chrono::seconds patience = std::chrono::seconds(10));
    void signal(int number) const;
    // Exit status, or -N for signal N. Waits.
    int wait();
    pid_t pid() const { return pid_; }

  private:
    pid_t pid_ = 0;
    Fd output_;
    std::string pending_;
    bool reaped_ = false;
};

}  // namespace bulkhead::testing_support
