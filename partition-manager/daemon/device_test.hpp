// `bulkhead test device`: a pattern out of a serial line, by the process that owns it, so that no second
// program opens the line.
#pragma once

#include <functional>

#include "bulkhead/v1alpha1/control.pb.h"
#include "partition-manager/apply/events.hpp"
#include "partition-manager/daemon/caller.hpp"
#include "partition-manager/daemon/snapshot.hpp"
#include "passthrough/line_test_result.hpp"

namespace bulkhead::daemon {

struct DeviceTester {
    // Blocks for as long as the line needs.
    std::function<Result<passthrough::LineTestResult>(const model::DeviceName&, std::uint32_t bytes)> test;
    std::function<void(const apply::Event&)> record;
};

// Recorded as the event device.tested, when it was made. Code::refused while a running partition has the line
// or a lock is on it; Code::not_found of what is no device of the spec, or another tenant's;
// Code::unsupported of what is no serial line.
Result<v1alpha1::DeviceTest> test_device(const DeviceTester& tester, const Snapshot& snapshot,
                                         const v1alpha1::TestDeviceRequest& request, const Caller& caller);

// What the result means, for who stands at the line.
std::string verdict_of(const passthrough::LineTestResult& result);

}  // namespace bulkhead::daemon
