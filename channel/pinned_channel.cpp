#include "channel/pinned_channel.hpp"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_certificate_verifier.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <mutex>

#include "crypto/pinned_chain.hpp"

namespace bulkhead::channel {
namespace {

class State final : public Handshake {
  public:
    std::string ca_pem() const override {
        const std::scoped_lock lock(mutex_);
        return ca_pem_;
    }
    std::optional<Error> problem() const override {
        const std::scoped_lock lock(mutex_);
        return problem_;
    }
    void note(const Result<std::string>& checked) {
        const std::scoped_lock lock(mutex_);
        if (checked) {
            ca_pem_ = *checked;
            problem_.reset();
        } else {
            problem_ = checked.error();
        }
    }

  private:
    mutable std::mutex mutex_;
    std::string ca_pem_;
    std::optional<Error> problem_;
};

// gRPC's own check would ask the wall clock.
class Verifier final : public grpc::experimental::ExternalCertificateVerifier {
  public:
    Verifier(Pinned pinned, std::shared_ptr<State> state)
        : pinned_(std::move(pinned)), state_(std::move(state)) {}
    ~Verifier() override = default;

    bool Verify(grpc::experimental::TlsCustomVerificationCheckRequest* request,
                std::function<void(grpc::Status)>, grpc::Status* status) override {
        const auto chain = request->peer_cert_full_chain();
        const auto checked = crypto::check_pinned_chain({chain.data(), chain.size()}, pinned_.pin,
                                                        pinned_.ca_pem, pinned_.known_time, pinned_.address);
        state_->note(checked);
        if (!checked) *status = {grpc::StatusCode::UNAUTHENTICATED, checked.error().text()};
        return true;
    }
    void Cancel(grpc::experimental::TlsCustomVerificationCheckRequest*) override {}

  private:
    const Pinned pinned_;
    const std::shared_ptr<State> state_;
};

}  // namespace

Channel open_pinned(const Pinned& pinned) {
    auto state = std::make_shared<State>();
    grpc::experimental::TlsChannelCredentialsOptions options;
    options.set_verify_server_certs(false);  // the verifier does
    options.set_check_call_host(false);      // the CA serves one console only
    options.set_certificate_verifier(
        grpc::experimental::ExternalCertificateVerifier::Create<Verifier>(pinned, state));
    if (!pinned.key.empty()) {
        options.set_certificate_provider(std::make_shared<grpc::experimental::StaticDataCertificateProvider>(
            std::vector<grpc::experimental::IdentityKeyCertPair>{{pinned.key, pinned.certificate}}));
        options.watch_identity_key_cert_pairs();
    }
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
    arguments.SetMaxReceiveMessageSize(8 * 1024 * 1024);
    // Channels of one process with other identities or pins must not share a connection.
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    if (pinned.keepalive) {
        arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 20'000);
        arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
        arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
    }
    return {grpc::CreateCustomChannel(pinned.address, grpc::experimental::TlsCredentials(options), arguments),
            std::move(state)};
}

}  // namespace bulkhead::channel
