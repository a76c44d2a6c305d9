#include "partition-manager/lifecycle/agent_message.hpp"

#include "base/text.hpp"
#include "bulkhead/agent/v1/agent.pb.h"

namespace bulkhead::lifecycle {
namespace {

constexpr std::size_t name_limit = 64;
constexpr std::size_t text_limit = 256;
constexpr std::size_t line_limit = 1024;
constexpr int list_limit = 16;

ApplicationReport read_application(const agent::v1::ApplicationState& message) {
    ApplicationReport report;
    switch (message.state()) {
        case agent::v1::ApplicationState::RUNNING: report.state = ApplicationState::running; break;
        case agent::v1::ApplicationState::BACKING_OFF: report.state = ApplicationState::backing_off; break;
        case agent::v1::ApplicationState::FAILED: report.state = ApplicationState::failed; break;
        default: report.state = ApplicationState::none; break;
    }
    report.restarts = message.restarts();
    report.exit_code = message.exit_code();
    report.error = printable(message.error(), text_limit);
    report.degraded = printable(message.degraded(), text_limit);
    return report;
}

Heartbeat read_heartbeat(const agent::v1::Heartbeat& message) {
    Heartbeat beat;
    beat.uptime_ms = message.uptime_ms();
    beat.load_milli = message.load_milli();
    beat.memory_total_kib = message.memory_total_kib();
    beat.memory_available_kib = message.memory_available_kib();
    for (int i = 0; i < message.disks_size() && i < list_limit; ++i)
        beat.disk_used_kib[printable(message.disks(i).name(), name_limit)] = message.disks(i).used_kib();
    if (message.has_application()) beat.application = read_application(message.application());
    for (int i = 0; i < message.devices_size() && i < list_limit; ++i)
        beat.devices[printable(message.devices(i).name(), name_limit)] = message.devices(i).present();
    return beat;
}

}  // namespace

std::optional<AgentMessage> read_agent_message(std::string_view payload) {
    agent::v1::FromAgent message;
    if (!message.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) return std::nullopt;
    switch (message.message_case()) {
        case agent::v1::FromAgent::kHello:
            return AgentHello{printable(message.hello().agent_version(), name_limit),
                              printable(message.hello().kernel(), name_limit),
                              printable(message.hello().boot_id(), name_limit)};
        case agent::v1::FromAgent::kHeartbeat: return read_heartbeat(message.heartbeat());
        case agent::v1::FromAgent::kOutput:
            return OutputMessage{message.output().kind() == agent::v1::Output::READING,
                                 printable(message.output().text(), line_limit), message.output().dropped()};
        case agent::v1::FromAgent::kViolation:
            return ViolationMessage{printable(message.violation().syscall(), name_limit), message.violation().count()};
        case agent::v1::FromAgent::kConfigureResult:
            return ConfiguredMessage{printable(message.configure_result().error(), text_limit),
                                     message.configure_result().revision()};
        case agent::v1::FromAgent::MESSAGE_NOT_SET: return std::nullopt;
    }
    return std::nullopt;
}

}  // namespace bulkhead::lifecycle
