#include "partition-manager/daemon/device_test.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "bulkhead/v1alpha1/api_version.hpp"

namespace bulkhead::daemon {
namespace {

constexpr std::uint32_t usual_bytes = 256;

struct Line {
    const model::Partition& partition;
    const model::DeviceUse& use;
};

// What is another tenant's is not there, in the same words.
Result<Line> line_of(const model::Spec& spec, const std::string& name, const Caller& caller) {
    const auto* device = spec.find(model::DeviceName(name));
    const bool bounded = !caller.tenant.str().empty();
    for (const auto& partition : spec.partitions)
        for (const auto& use : partition.devices) {
            if (use.device.str() != name || (bounded && partition.tenant != caller.tenant)) continue;
            if (device == nullptr || device->kind == model::DeviceKind::serial) return Line{partition, use};
            return fail(Code::unsupported,
                        "device " + name + " is no serial line: " + std::string(to_string(device->kind)), {},
                        "a device of kind: serial");
        }
    if (bounded || device == nullptr)
        return fail(Code::not_found, "there is no device '" + printable(name, 64) + "'", {}, {},
                    "bulkhead get devices");
    return fail(Code::refused, "no partition has device " + name + ", so that nobody works it", {}, {},
                "give it to one in the spec");
}

Result<> check_lock(const Snapshot& snapshot, const Line& line) {
    const auto lock = snapshot.locks.find(line.partition.name);
    if (lock == snapshot.locks.end()) return {};
    return fail(Code::refused,
                "partition " + line.partition.name.str() + " is locked by " + lock->second.lock.by + " (" +
                    lock->second.lock.reason + ")",
                {}, {}, "bulkhead unlock " + line.partition.name.str());
}

}  // namespace

std::string verdict_of(const passthrough::LineTestResult& result) {
    const auto count = [](std::uint32_t bytes) { return std::to_string(bytes); };
    if (result.sent == 0) return "the terminal took no byte: something holds the line back";
    if (result.heard == 0)
        return "nothing came back: no loop plug joins sending to receiving, or an RS-485 port does not hear "
               "itself; or the cable is broken";
    if (result.wrong != 0)
        return count(result.wrong) + " of " + count(result.heard) +
               " bytes came back as others: noise, no termination, or somebody else sends";
    if (result.heard < result.sent)
        return count(result.sent - result.heard) + " of " + count(result.sent) + " bytes did not come back";
    return "all " + count(result.sent) + " bytes came back as they were sent";
}

Result<v1alpha1::DeviceTest> test_device(const DeviceTester& tester, const Snapshot& snapshot,
                                         const v1alpha1::TestDeviceRequest& request, const Caller& caller) {
    if (!snapshot.spec)
        return fail(Code::not_found, "the gateway has no spec yet", {}, {}, "bulkhead apply -f FILE");
    const std::uint32_t bytes = request.bytes() == 0 ? usual_bytes : request.bytes();
    if (bytes > passthrough::LineTestOrder::most_bytes)
        return fail(Code::invalid, std::to_string(bytes) + " bytes are too many", {},
                    "at most " + std::to_string(passthrough::LineTestOrder::most_bytes));
    BULKHEAD_TRY_ASSIGN(const Line line, line_of(*snapshot.spec, request.device(), caller));
    BULKHEAD_TRY(check_lock(snapshot, line));
    BULKHEAD_TRY_ASSIGN(const auto result, tester.test(line.use.device, bytes));
    if (!result.refused.empty())
        return fail(Code::refused, "device " + request.device() + " can't be tested: " + result.refused, {},
                    {}, "bulkhead stop " + line.partition.name.str() + ", if its partition runs");
    v1alpha1::DeviceTest test;
    test.set_apiversion(v1alpha1::api_version);
    test.set_device(request.device());
    test.set_line(to_string(line.use.line));
    test.set_sent(result.sent);
    test.set_heard(result.heard);
    test.set_wrong(result.wrong);
    test.set_took_ms(static_cast<std::uint32_t>(result.took.count()));
    test.set_line_ms(static_cast<std::uint32_t>(result.line_time.count()));
    test.set_verdict(verdict_of(result));
    test.set_passed(result.passed());
    tester.record({"device.tested",
                   caller.actor,
                   line.partition.tenant,
                   {},
                   line.partition.name,
                   request.device() + ": " + test.verdict()});
    return test;
}

}  // namespace bulkhead::daemon
