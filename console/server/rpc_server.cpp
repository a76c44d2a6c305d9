#include "console/server/rpc_server.hpp"

#include <grpcpp/resource_quota.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <grpcpp/server_builder.h>
#include <sys/resource.h>

#include <cstdlib>

#include "console/server/control_service.hpp"
#include "console/server/people_service.hpp"
#include "console/server/switch_service.hpp"
#include "console/server/uplink_service.hpp"

namespace bulkhead::console {
namespace {

constexpr int message_limit = 8 * 1024 * 1024;
// Of people's calls; gateways' lines need none. More calls than threads are refused.
constexpr int most_threads = 256;
constexpr int most_calls_of_a_connection = 100;
constexpr unsigned refresh_seconds = 10;  // how soon a renewed certificate is shown

std::shared_ptr<grpc::ServerCredentials> credentials_of(const Authority& authority) {
    const auto provider = std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
        authority.server_key().string(), authority.server_chain().string(), authority.ca_file().string(),
        refresh_seconds);
    grpc::experimental::TlsServerCredentialsOptions options(provider);
    options.watch_identity_key_cert_pairs();
    options.watch_root_certs();
    // A certificate that is shown must be right; Uplink refuses whoever shows none.
    options.set_cert_request_type(GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY);
    return grpc::experimental::TlsServerCredentials(options);
}

}  // namespace

void require_tls_1_3() {
    ::setenv("GRPC_SSL_CIPHER_SUITES", "PSK-AES128-GCM-SHA256", 1);
}

void take_all_descriptors() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

struct RpcServer::Services {
    Services(Fleet& fleet, Enrolment& for_enrolment, const LineParts& parts)
        : enrolment(for_enrolment),
          accounts(fleet),
          passage(fleet),
          control(fleet, passage),
          switches(fleet, passage),
          uplink(parts) {}
    EnrolmentService enrolment;
    AccountsService accounts;
    Passage passage;
    ControlService control;
    SwitchService switches;
    UplinkService uplink;
    std::unique_ptr<grpc::Server> server;
    int port = 0;
};

RpcServer::RpcServer(std::unique_ptr<Services> services) : services_(std::move(services)) {
}

RpcServer::~RpcServer() {
    // Lines and followers of logs would stay for ever.
    services_->server->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(1));
}

int RpcServer::port() const {
    return services_->port;
}

Result<std::unique_ptr<RpcServer>> RpcServer::open(const std::string& listen, const Authority& authority,
                                                   Fleet& fleet, Enrolment& enrolment,
                                                   const LineParts& parts) {
    auto services = std::make_unique<Services>(fleet, enrolment, parts);
    grpc::ServerBuilder builder;
    builder.SetMaxReceiveMessageSize(message_limit);
    grpc::ResourceQuota quota("console");
    quota.SetMaxThreads(most_threads);
    builder.SetResourceQuota(quota);
    builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, most_calls_of_a_connection);
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 20'000);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
    // Gateways ask every 20 s whether the line still stands.
    builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10'000);
    builder.AddListeningPort(listen, credentials_of(authority), &services->port);
    builder.RegisterService(&services->enrolment);
    builder.RegisterService(&services->accounts);
    builder.RegisterService(&services->control);
    builder.RegisterService(&services->switches);
    builder.RegisterService(&services->uplink);
    services->server = builder.BuildAndStart();
    if (!services->server || services->port == 0)
        return fail(Code::io, "can't listen on " + listen, {}, "a free address of this machine",
                    "another --listen, or end what listens there");
    return std::unique_ptr<RpcServer>(new RpcServer(std::move(services)));
}

}  // namespace bulkhead::console
