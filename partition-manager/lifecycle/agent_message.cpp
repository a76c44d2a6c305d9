#include "partition-manager/lifecycle/agent_message.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "bulkhead/agent/v1/agent.pb.h"

namespace bulkhead::lifecycle {
namespace {

namespace wire = agent::v1;

// Ours are below 4 KiB. Empty entries of a list take two bytes on the wire and fifty in memory.
constexpr std::size_t longest_payload = 8 * 1024;
constexpr std::size_t longest_name = 64;
constexpr std::size_t longest_reason = 256;
constexpr std::size_t longest_line = 1024;
constexpr int longest_list = 16;
constexpr int most_pcrs = 24;
constexpr std::size_t pcr_size = 32;             // SHA-256
constexpr std::size_t longest_structure = 1024;  // of a TPM; those of P-256 are below 300
constexpr std::size_t longest_secret = 64;       // an activated credential is one digest
// 100 years: what is above is a lie, and would overflow where it is added up.
constexpr std::uint64_t longest_uptime_ms = 100ULL * 365 * 24 * 3600 * 1000;

Result<ApplicationReport> application_of(const wire::ApplicationState& in) {
    ApplicationReport out;
    switch (in.state()) {
        case wire::ApplicationState::NONE:
            out.state = ApplicationState::none;
            break;
        case wire::ApplicationState::RUNNING:
            out.state = ApplicationState::running;
            break;
        case wire::ApplicationState::BACKING_OFF:
            out.state = ApplicationState::backing_off;
            break;
        case wire::ApplicationState::FAILED:
            out.state = ApplicationState::failed;
            break;
        default:
            return fail(Code::invalid, "the agent names an unknown state of its application");
    }
    out.restarts = in.restarts();
    out.exit_code = in.exit_code();
    out.error = printable(in.error(), longest_reason);
    out.degraded = printable(in.degraded(), longest_reason);
    return out;
}

Result<AgentMessage> heartbeat_of(const wire::Heartbeat& in) {
    AgentHeartbeat out;
    out.uptime = std::chrono::milliseconds(std::min(in.uptime_ms(), longest_uptime_ms));
    out.load_milli = in.load_milli();
    out.memory_total_kib = in.memory_total_kib();
    out.memory_available_kib = std::min(in.memory_available_kib(), in.memory_total_kib());
    BULKHEAD_TRY_ASSIGN(out.application, application_of(in.application()));
    for (int i = 0; i < std::min(in.disks_size(), longest_list); ++i)
        out.disks.push_back({printable(in.disks(i).name(), longest_name), in.disks(i).total_kib(),
                             std::min(in.disks(i).used_kib(), in.disks(i).total_kib())});
    for (int i = 0; i < std::min(in.devices_size(), longest_list); ++i)
        out.devices.push_back({printable(in.devices(i).name(), longest_name), in.devices(i).present()});
    return out;
}

Result<AgentMessage> output_of(const wire::Output& in) {
    if (in.kind() != wire::Output::LOG && in.kind() != wire::Output::READING)
        return fail(Code::invalid, "the agent sends an unknown kind of output");
    return OutputLine{in.kind() == wire::Output::READING, printable(in.text(), longest_line), in.dropped()};
}

Result<> bounded(const std::string& bytes, std::size_t limit) {
    if (bytes.size() > limit) return fail(Code::invalid, "the agent sends a TPM structure that is too long");
    return {};
}

Result<AgentMessage> quote_of(const wire::QuoteReply& in) {
    if (in.pcrs_size() > most_pcrs) return fail(Code::invalid, "the agent sends too many PCRs");
    QuoteAnswer out{
        in.round(),    printable(in.error(), longest_reason), in.attest(), in.signature(), {}, in.ak_public(),
        in.ek_public()};
    for (const auto* bytes : {&in.attest(), &in.signature(), &in.ak_public(), &in.ek_public()})
        BULKHEAD_TRY(bounded(*bytes, longest_structure));
    for (const auto& pcr : in.pcrs()) {
        BULKHEAD_TRY(bounded(pcr, pcr_size));
        out.pcrs.push_back(pcr);
    }
    return out;
}

Result<AgentMessage> activation_of(const wire::ActivateReply& in) {
    BULKHEAD_TRY(bounded(in.activated(), longest_secret));
    return ActivateAnswer{in.round(), printable(in.error(), longest_reason), in.activated()};
}

}  // namespace

Result<AgentMessage> decode_agent_message(std::string_view payload) {
    if (payload.size() > longest_payload) return fail(Code::invalid, "the agent's message is too long");
    wire::FromAgent message;
    // Protobuf bounds its own depth; these messages have no recursion.
    if (!message.ParseFromArray(payload.data(), static_cast<int>(payload.size())))
        return fail(Code::invalid, "the agent sends what is no message");
    switch (message.message_case()) {
        case wire::FromAgent::kHello:
            return AgentHello{printable(message.hello().agent_version(), longest_name),
                              printable(message.hello().kernel(), longest_name),
                              printable(message.hello().boot_id(), longest_name)};
        case wire::FromAgent::kHeartbeat:
            return heartbeat_of(message.heartbeat());
        case wire::FromAgent::kOutput:
            return output_of(message.output());
        case wire::FromAgent::kViolation:
            return Violation{printable(message.violation().syscall(), longest_name),
                             message.violation().count()};
        case wire::FromAgent::kConfigureResult:
            return Configured{message.configure_result().revision(),
                              printable(message.configure_result().error(), longest_reason)};
        case wire::FromAgent::kQuoteReply:
            return quote_of(message.quote_reply());
        case wire::FromAgent::kActivateReply:
            return activation_of(message.activate_reply());
        case wire::FromAgent::MESSAGE_NOT_SET:
            break;
    }
    return fail(Code::invalid, "the agent sends an empty or unknown message");
}

}  // namespace bulkhead::lifecycle
