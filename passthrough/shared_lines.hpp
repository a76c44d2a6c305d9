// Serial lines that several partitions have together: a process of ours, bulkhead-line, owns each tty and
// gives turns at it. The owner of a partition's device works a terminal that this process made for it, as if
// that were the line.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <set>
#include <string>

#include "base/error.hpp"
#include "model/resources.hpp"
#include "passthrough/line_state.hpp"
#include "passthrough/owned_devices.hpp"

namespace bulkhead::passthrough {

class SharedLines {
  public:
    // `folder` is theirs alone.
    SharedLines(std::filesystem::path folder, StartOwner start)
        : folder_(std::move(folder)), start_(std::move(start)) {}

    // The terminal of a device at its line, while the line is there.
    std::filesystem::path terminal(const model::Assignment& assignment) const;
    // Starts who gives the turns, or another one if the line is worked in another way now; and has the device
    // among those that get them. Idempotent.
    Result<> join(const model::Assignment& wanted) const;
    Result<> leave(const model::Assignment& assignment) const;
    // Ends who gives turns where nobody has the line any more.
    Result<> end_all_but(const std::set<std::string>& places) const;
    // Of whoever gives the turns there now.
    Result<LineState> look(const std::string& at) const;

  private:
    Result<LineState> look_for(const std::string& at, std::chrono::milliseconds deadline) const;
    std::filesystem::path control(const std::string& at) const;
    Result<> start(const model::Assignment& wanted) const;
    Result<> ask(const model::Assignment& of, const LineRequest& request) const;

    std::filesystem::path folder_;
    StartOwner start_;
};

}  // namespace bulkhead::passthrough
