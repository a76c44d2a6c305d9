#include "console/server/people_service.hpp"

#include "base/log.hpp"
#include "rpc/status.hpp"

namespace bulkhead::console {
namespace {

// ipv4:127.0.0.1:40000 -> 127.0.0.1, so that a new connection is no new address.
std::string address_of(const grpc::ServerContext& context) {
    const auto peer = context.peer();
    const auto first = peer.find(':');
    const auto last = peer.rfind(':');
    return first == std::string::npos || last <= first ? peer : peer.substr(first + 1, last - first - 1);
}

template <class Reply>
grpc::Status answer(const grpc::ServerContext& context, const char* what, Result<Reply> result,
                    Reply& reply) {
    if (!result) {
        log::warning(what, {{"peer", context.peer()}, {"error", result.error().text()}});
        return rpc::to_status(result.error());
    }
    reply = std::move(*result);
    return {};
}

}  // namespace

grpc::Status EnrolmentService::Begin(grpc::ServerContext* context, const api::EnrolRequest* request,
                                     api::EnrolChallenge* reply) {
    return answer(*context, "refused an enrolment", enrolment_.begin(*request), *reply);
}

grpc::Status EnrolmentService::Complete(grpc::ServerContext* context, const api::EnrolProof* request,
                                        api::EnrolGrant* reply) {
    return answer(*context, "refused an enrolment", enrolment_.complete(*request), *reply);
}

grpc::Status EnrolmentService::BeginRenewal(grpc::ServerContext* context, const api::RenewalRequest* request,
                                            api::RenewalChallenge* reply) {
    return answer(*context, "refused a renewal", enrolment_.begin_renewal(*request), *reply);
}

grpc::Status EnrolmentService::CompleteRenewal(grpc::ServerContext* context, const api::RenewalProof* request,
                                               api::EnrolGrant* reply) {
    return answer(*context, "refused a renewal", enrolment_.complete_renewal(*request), *reply);
}

std::string bearer_of(const grpc::ServerContext& context) {
    constexpr std::string_view scheme = "Bearer ";
    const auto found = context.client_metadata().find("authorization");
    if (found == context.client_metadata().end()) return {};
    const std::string_view value(found->second.data(), found->second.size());
    return value.starts_with(scheme) ? std::string(value.substr(scheme.size())) : std::string();
}

grpc::Status AccountsService::SignIn(grpc::ServerContext* context, const api::SignInRequest* request,
                                     api::SignInReply* reply) {
    const auto signed_in = fleet_.sign_in(request->user(), request->password(), address_of(*context));
    if (!signed_in) return rpc::to_status(signed_in.error());
    reply->set_session(signed_in->session);
    reply->set_user(signed_in->viewer.user);
    reply->set_role(std::string(to_string(signed_in->viewer.role)));
    reply->set_tenant(signed_in->viewer.tenant);
    reply->set_expires(signed_in->expires);
    return {};
}

grpc::Status AccountsService::SignOut(grpc::ServerContext* context, const api::SignOutRequest*,
                                      api::SignOutReply*) {
    fleet_.sign_out(bearer_of(*context));
    return {};
}

}  // namespace bulkhead::console
