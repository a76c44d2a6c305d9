#include "console/server/uplink_service.hpp"

#include <grpc/grpc_security_constants.h>

#include <deque>

#include "base/log.hpp"
#include "rpc/status.hpp"

namespace bulkhead::console {
namespace {

using Reactor = grpc::ServerBidiReactor<api::FromGateway, api::FromConsole>;

// A gateway that reads slower than this much of backlog is cut off; it comes back and takes what is newest.
constexpr std::size_t most_waiting = 4096;

class LineReactor;

// What waits to be written. Shared with whoever holds the line, and outlives the reactor.
class Outbox {
  public:
    Outbox(Reactor& reactor, grpc::CallbackServerContext& context) : reactor_(&reactor), context_(&context) {}

    void send(api::FromConsole message) {
        const std::scoped_lock lock(mutex_);
        if (reactor_ == nullptr || finished_) return;
        if (waiting_.size() >= most_waiting) return context_->TryCancel();
        waiting_.push_back(std::move(message));
        if (waiting_.size() == 1) reactor_->StartWrite(&waiting_.front());
    }
    void written(bool ok) {
        const std::scoped_lock lock(mutex_);
        if (!ok || finished_) return;
        waiting_.pop_front();
        if (!waiting_.empty()) reactor_->StartWrite(&waiting_.front());
    }
    // Once; what waits is lost. A write in flight to a peer that does not read would hold a status back for
    // ever.
    void finish(const grpc::Status& status) {
        const std::scoped_lock lock(mutex_);
        if (reactor_ == nullptr || finished_) return;
        finished_ = true;
        if (!waiting_.empty()) context_->TryCancel();
        reactor_->Finish(status);
    }
    bool is_finished() {
        const std::scoped_lock lock(mutex_);
        return finished_;
    }
    void detach() {
        const std::scoped_lock lock(mutex_);
        reactor_ = nullptr;
    }

  private:
    std::mutex mutex_;
    Reactor* reactor_;  // null when it is gone
    grpc::CallbackServerContext* context_;
    std::deque<api::FromConsole> waiting_;  // the first is being written
    bool finished_ = false;
};

class LineReactor final : public Reactor {
  public:
    LineReactor(const LineParts& parts, const PeerIdentity& peer, grpc::CallbackServerContext& context)
        : outbox_(std::make_shared<Outbox>(*this, context)) {
        line_ = std::make_shared<GatewayLine>(
            parts, peer,
            GatewayLine::Wire{
                [outbox = outbox_](api::FromConsole message) { outbox->send(std::move(message)); },
                [outbox = outbox_](const Error& why) { outbox->finish(rpc::to_status(why)); }});
        line_->begin();
        StartRead(&message_);
    }
    void OnReadDone(bool ok) override {
        if (!ok) return outbox_->finish(grpc::Status::OK);
        line_->received(message_);
        if (!outbox_->is_finished()) StartRead(&message_);
    }
    void OnWriteDone(bool ok) override { outbox_->written(ok); }
    void OnCancel() override { outbox_->finish(grpc::Status::CANCELLED); }
    void OnDone() override {
        outbox_->detach();
        line_->closed();
        delete this;  // as gRPC asks
    }

  private:
    std::shared_ptr<Outbox> outbox_;
    std::shared_ptr<GatewayLine> line_;
    api::FromGateway message_;
};

class RefusedLine final : public Reactor {
  public:
    explicit RefusedLine(const Error& why) { Finish(rpc::to_status(why)); }
    void OnDone() override { delete this; }
};

Result<PeerIdentity> peer_of(Store& store, const grpc::CallbackServerContext& context) {
    const auto values = context.auth_context()->FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME);
    if (!context.auth_context()->IsPeerAuthenticated() || values.empty())
        return fail(Code::refused, "a line needs the gateway's certificate", {}, {}, "bulkhead enroll first");
    return check_peer(store, std::string(values.front().data(), values.front().size()));
}

}  // namespace

Reactor* UplinkService::Connect(grpc::CallbackServerContext* context) {
    const auto peer = peer_of(parts_.store, *context);
    if (!peer) {
        log::warning("refused a line", {{"peer", context->peer()}, {"error", peer.error().text()}});
        return new RefusedLine(peer.error());
    }
    return new LineReactor(parts_, *peer, *context);
}

}  // namespace bulkhead::console
