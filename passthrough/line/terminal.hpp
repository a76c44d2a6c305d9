// A pseudo-terminal that stands for a line: whoever owns a device opens the link, this end is ours.
#pragma once

#include <filesystem>

#include "base/error.hpp"
#include "base/fd.hpp"

namespace bulkhead::passthrough::line {

class Terminal {
  public:
    // Raw, non-blocking, and with a link to it in place.
    static Result<Terminal> open(const std::filesystem::path& link);
    Terminal(Terminal&&) = default;
    Terminal& operator=(Terminal&&) = delete;
    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;
    // Whoever has it open sees it go.
    ~Terminal();

    // Hangs up, until it is opened again, when whoever opened it has closed it.
    int fd() const { return end_.get(); }

  private:
    Terminal(Fd end, std::filesystem::path link) : end_(std::move(end)), link_(std::move(link)) {}

    Fd end_;
    std::filesystem::path link_;
};

}  // namespace bulkhead::passthrough::line
