// Shows an operation of the manager as it goes: one numbered line a step on stderr.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "bulkhead/v1alpha1/control.pb.h"
#include "cli/failure.hpp"
#include "cli/status_line.hpp"

namespace bulkhead::cli {

namespace api = bulkhead::v1alpha1;
class Interrupt;

class ProgressView {
  public:
    explicit ProgressView(const Terminal& terminal) : terminal_(terminal), line_(terminal) {}
    void on(const api::Progress& progress);
    // Nothing was planned.
    bool empty() const { return total_ == 0; }
    std::uint64_t generation() const { return generation_; }
    // `outcome`, or why a step failed if the manager ended the operation without a word about it.
    Outcome<void> verdict(Outcome<void> outcome) const;
    void clear() { line_.clear(); }

  private:
    void started(const api::Step& step);
    void ended(const api::Progress& progress);

    const Terminal& terminal_;
    StatusLine line_;
    std::size_t total_ = 0;
    std::size_t done_ = 0;
    std::uint64_t generation_ = 0;
    std::optional<api::ErrorDetail> failed_;
    std::map<std::uint32_t, std::chrono::steady_clock::time_point> since_;
};

// If the person let go, says that the manager goes on. Passes `outcome` on.
Outcome<void> say_if_left(Outcome<void> outcome, const Terminal& terminal, const Interrupt& interrupt);

}  // namespace bulkhead::cli
