#include "partition-manager/uplink/relay.hpp"

#include <grpcpp/generic/generic_stub.h>

#include <algorithm>
#include <array>
#include <deque>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "partition-manager/uplink/failure.hpp"

namespace bulkhead::uplink {
namespace {

// What a console may ask for a person. Specs come signed, or not at all.
constexpr std::array<std::string_view, 5> allowed{"SetRun", "SetLock", "Logs", "Attach", "Measure"};
// Of one call, that the service has not read.
constexpr std::size_t most_waiting = 256;
constexpr std::size_t most_waiting_bytes = std::size_t{2} * 1024 * 1024;
constexpr std::string_view service = "/bulkhead.v1alpha1.Control/";

grpc::ByteBuffer to_buffer(const std::string& bytes) {
    const grpc::Slice slice(bytes);
    return {&slice, 1};
}

std::string to_bytes(const grpc::ByteBuffer& buffer) {
    std::vector<grpc::Slice> slices;
    std::string bytes;
    if (!buffer.Dump(&slices).ok()) return bytes;
    for (const auto& slice : slices) bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
    return bytes;
}

}  // namespace

// Lives until gRPC is done with it, whoever has forgotten it before.
class Relay::Call final : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
  public:
    Call(std::uint64_t id, std::shared_ptr<Post> post) : id_(id), post_(std::move(post)) {}

    void start(const std::shared_ptr<Call>& self, const std::shared_ptr<grpc::Channel>& control,
               const std::string& method, const std::string& actor) {
        self_ = self;
        context_.AddMetadata(actor_key, actor);
        grpc::GenericStub(control).PrepareBidiStreamingCall(&context_, std::string(service) + method, {},
                                                            this);
        AddHold();  // messages come from outside gRPC's own callbacks, until the last read
        StartRead(&incoming_);
        StartCall();
    }
    bool ended() const {
        const std::scoped_lock lock(mutex_);
        return ended_;
    }
    void cancel() {
        context_.TryCancel();
        read_on();
    }

    void write(const v1alpha1::CallData& data) {
        const std::scoped_lock lock(mutex_);
        if (ended_ || half_closed_) return;
        waiting_bytes_ += data.message().size();
        if (waiting_.size() >= most_waiting || waiting_bytes_ > most_waiting_bytes)
            return context_.TryCancel();
        if (!data.message().empty() || !data.half_close()) waiting_.push_back(data.message());
        half_closed_ = data.half_close();
        write_next();
    }

    void OnWriteDone(bool ok) override {
        const std::scoped_lock lock(mutex_);
        writing_ = false;
        if (ok) write_next();
    }
    void OnReadDone(bool ok) override {
        if (!ok) {
            {
                const std::scoped_lock lock(mutex_);
                ended_ = true;
            }
            return RemoveHold();
        }
        {
            const std::scoped_lock lock(mutex_);
            parked_ = true;
        }
        v1alpha1::FromGateway message;
        message.mutable_call()->set_id(id_);
        message.mutable_call()->set_message(to_bytes(incoming_));
        // The service is read as fast as the line takes it, and not faster.
        if (!post_->send({std::move(message), [self = self_] { self->read_on(); }})) cancel();
    }
    void OnDone(const grpc::Status& status) override {
        v1alpha1::FromGateway message;
        message.mutable_call()->set_id(id_);
        message.mutable_call()->set_end(true);
        for (const auto& error : errors_of(status, {}))
            *message.mutable_call()->add_errors() = to_message(error);
        post_->send({std::move(message)});
        const auto self = std::move(self_);  // may be the last one that knows it
    }

  private:
    void read_on() {
        {
            const std::scoped_lock lock(mutex_);
            if (!std::exchange(parked_, false)) return;
        }
        StartRead(&incoming_);
    }
    // Under the mutex.
    void write_next() {
        if (writing_) return;
        if (waiting_.empty()) {
            if (half_closed_ && !writes_done_) {
                writes_done_ = true;
                StartWritesDone();
            }
            return;
        }
        writing_ = true;
        outgoing_ = to_buffer(waiting_.front());
        waiting_bytes_ -= waiting_.front().size();
        waiting_.pop_front();
        StartWrite(&outgoing_);
    }

    const std::uint64_t id_;
    const std::shared_ptr<Post> post_;
    grpc::ClientContext context_;
    grpc::ByteBuffer incoming_;
    grpc::ByteBuffer outgoing_;
    mutable std::mutex mutex_;
    std::deque<std::string> waiting_;
    std::size_t waiting_bytes_ = 0;
    bool writing_ = false;
    bool half_closed_ = false;
    bool writes_done_ = false;
    bool ended_ = false;
    bool parked_ = false;         // a message was read and is not yet on the line
    std::shared_ptr<Call> self_;  // until OnDone
};

Relay::Relay(std::shared_ptr<grpc::Channel> control, std::shared_ptr<Post> post)
    : control_(std::move(control)), post_(std::move(post)) {
}

Relay::~Relay() {
    for (const auto& [id, call] : calls_) call->cancel();
}

void Relay::refuse(std::uint64_t id, const Error& error) {
    v1alpha1::FromGateway message;
    message.mutable_call()->set_id(id);
    message.mutable_call()->set_end(true);
    *message.mutable_call()->add_errors() = to_message(error);
    post_->send({std::move(message)});
}

void Relay::begin(const v1alpha1::CallData& data) {
    if (std::ranges::find(allowed, data.method()) == allowed.end())
        return refuse(data.id(), {Code::refused,
                                  "'" + printable(data.method(), 40) + "' is not for a console",
                                  {},
                                  "SetRun, SetLock, Logs, Attach or Measure",
                                  {}});
    const std::string actor = printable(data.actor(), 128);
    if (actor.empty() || actor != data.actor())
        return refuse(data.id(), {Code::refused, "the call says nobody's name", {}, {}, {}});
    if (calls_.size() >= most_calls)
        return refuse(data.id(), {Code::unavailable, "too many calls at once", {}, {}, "try again later"});
    const auto call = std::make_shared<Call>(data.id(), post_);
    calls_[data.id()] = call;
    call->start(call, control_, data.method(), actor);
    call->write(data);
}

void Relay::on(const v1alpha1::CallData& data) {
    std::erase_if(calls_, [](const auto& entry) { return entry.second->ended(); });
    const auto found = calls_.find(data.id());
    if (found == calls_.end()) {
        if (!data.method().empty()) begin(data);
        return;
    }
    if (data.end())
        found->second->cancel();
    else
        found->second->write(data);
}

}  // namespace bulkhead::uplink
