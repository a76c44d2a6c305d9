#include "console/server/relay.hpp"

#include "base/name.hpp"
#include "base/text.hpp"
#include "bulkhead/v1alpha1/control.pb.h"
#include "bulkhead/v1alpha1/switch.pb.h"

namespace bulkhead::console {
namespace {

namespace api = bulkhead::v1alpha1;

constexpr std::size_t longest_subject = 140;

template <class Message>
Result<Message> parse(const std::string& method, const std::string& request) {
    Message message;
    if (!message.ParseFromString(request))
        return fail(Code::invalid, "the request of " + method + " can't be read");
    return message;
}

}  // namespace

Result<Relayed> read_relayed(const std::string& method, const std::string& request) {
    if (method == "SetRun") {
        BULKHEAD_TRY_ASSIGN(const auto message, parse<api::SetRunRequest>(method, request));
        if (!api::SetRunRequest::Run_IsValid(message.run()))
            return fail(Code::invalid, "SetRun knows no " + std::to_string(message.run()));
        return Relayed{Right::run,
                       message.partition(),
                       {},
                       "partition." + api::SetRunRequest::Run_Name(message.run()),
                       {}};
    }
    if (method == "SetLock") {
        BULKHEAD_TRY_ASSIGN(const auto message, parse<api::SetLockRequest>(method, request));
        return Relayed{Right::lock,
                       message.partition(),
                       {},
                       message.locked() ? "partition.lock" : "partition.unlock",
                       printable(message.reason(), 500)};
    }
    if (method == "Logs") {
        BULKHEAD_TRY_ASSIGN(const auto message, parse<api::LogsRequest>(method, request));
        return Relayed{Right::read_output, message.partition(), {}, {}, {}};
    }
    if (method == "Attach") {
        BULKHEAD_TRY_ASSIGN(const auto message, parse<api::ConsoleInput>(method, request));
        return Relayed{Right::use_serial, message.partition(), {}, "partition.console", {}};
    }
    if (method == "Capture") {
        BULKHEAD_TRY_ASSIGN(const auto message, parse<api::CaptureRequest>(method, request));
        if (message.subject().empty() || printable(message.subject(), longest_subject) != message.subject())
            return fail(Code::invalid, "a capture is of an interface or a conduit", {}, "its name");
        return Relayed{Right::capture,
                       {},
                       message.subject(),
                       "switch.capture",
                       std::to_string(message.seconds()) + " s or " + std::to_string(message.packets()) +
                           " packets at most"};
    }
    if (method == "TestDevice") {
        BULKHEAD_TRY_ASSIGN(const auto message, parse<api::TestDeviceRequest>(method, request));
        if (!is_label(message.device()))
            return fail(Code::invalid, "a test is of a device", {}, "its name in the spec");
        Relayed relayed{Right::test_devices, {}, {}, "device.test", {}};
        relayed.device = message.device();
        return relayed;
    }
    return fail(Code::unsupported, "the console passes no call '" + printable(method, 40) + "' on", {},
                "SetRun, SetLock, Logs, Attach, Capture or TestDevice");
}

}  // namespace bulkhead::console
