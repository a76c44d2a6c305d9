#include "console/server/relay.hpp"

#include "base/text.hpp"
#include "bulkhead/v1alpha1/control.pb.h"

namespace bulkhead::console {
namespace {

namespace api = bulkhead::v1alpha1;

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
        return Relayed{
            Right::run, message.partition(), "partition." + api::SetRunRequest::Run_Name(message.run()), {}};
    }
    if (method == "SetLock") {
        BULKHEAD_TRY_ASSIGN(const auto message, parse<api::SetLockRequest>(method, request));
        return Relayed{Right::lock, message.partition(),
                       message.locked() ? "partition.lock" : "partition.unlock",
                       printable(message.reason(), 500)};
    }
    if (method == "Logs") {
        BULKHEAD_TRY_ASSIGN(const auto message, parse<api::LogsRequest>(method, request));
        return Relayed{Right::read_output, message.partition(), {}, {}};
    }
    if (method == "Attach") {
        BULKHEAD_TRY_ASSIGN(const auto message, parse<api::ConsoleInput>(method, request));
        return Relayed{Right::use_serial, message.partition(), "partition.console", {}};
    }
    return fail(Code::unsupported, "the console passes no call '" + printable(method, 40) + "' on", {},
                "SetRun, SetLock, Logs or Attach");
}

}  // namespace bulkhead::console
