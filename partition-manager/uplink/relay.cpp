#include "partition-manager/uplink/relay.hpp"

#include <grpcpp/generic/generic_stub.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "base/text.hpp"
#include "partition-manager/uplink/failure.hpp"

namespace bulkhead::uplink {
namespace {

// What a console may ask for a person, and of which service. Specs come signed, or not at all.
constexpr std::string_view control = "/bulkhead.v1alpha1.Control/";
constexpr std::string_view network = "/bulkhead.v1alpha1.Switch/";
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> allowed{{{"SetRun", control},
                                                                                {"SetLock", control},
                                                                                {"Logs", control},
                                                                                {"Attach", control},
                                                                                {"Measure", control},
                                                                                {"TestDevice", control},
                                                                                {"Capture", network}}};
// Of one call, that the service has not read.
constexpr std::size_t most_waiting = 256;
constexpr std::size_t most_waiting_bytes = std::size_t{2} * 1024 * 1024;
// What an answer costs of a call's window beside its bytes.
constexpr std::int64_t answer_cost = 64;
constexpr std::int64_t widest_window = std::int64_t{1} << 40;

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

// How many calls gRPC is not done with. The channel must outlive them all: if the last one that ends took it
// along, on a thread of gRPC's callbacks, that thread would lose its own queue, and gRPC 1.51 ends the
// process over it.
class Relay::Living {
  public:
    void begin() {
        const std::scoped_lock lock(mutex_);
        ++count_;
    }
    void end() {
        const std::scoped_lock lock(mutex_);
        --count_;
        changed_.notify_all();
    }
    void wait_for_none() {
        std::unique_lock lock(mutex_);
        if (!changed_.wait_for(lock, patience, [this] { return count_ == 0; }))
            log::warning("calls of the console do not end", {{"calls", std::to_string(count_)}});
    }

  private:
    static constexpr std::chrono::seconds patience{10};  // they are cancelled, which takes no time
    std::mutex mutex_;
    std::condition_variable changed_;
    int count_ = 0;
};

// Lives until gRPC is done with it, whoever has forgotten it before.
class Relay::Call final : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
  public:
    Call(const v1alpha1::CallData& first, std::shared_ptr<Post> post, std::shared_ptr<Living> living)
        : id_(first.id()),
          is_bounded_(first.window() > 0),
          window_(first.window()),
          post_(std::move(post)),
          living_(std::move(living)) {
        context_.AddMetadata(actor_key, first.actor());
        if (!first.tenant().empty()) context_.AddMetadata(tenant_key, first.tenant());
    }

    void start(const std::shared_ptr<Call>& self, const std::shared_ptr<grpc::Channel>& channel,
               const std::string& path) {
        self_ = self;
        living_->begin();
        grpc::GenericStub(channel).PrepareBidiStreamingCall(&context_, path, {}, this);
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
        read_on([this] { is_cancelled_ = true; });
    }
    void widen(std::uint32_t window) {
        read_on([&] { window_ = std::min(widest_window, window_ + window); });
    }

    void write(const v1alpha1::CallData& data) {
        {
            const std::scoped_lock lock(mutex_);
            if (ended_ || half_closed_) return;
            waiting_bytes_ += data.message().size();
            if (waiting_.size() < most_waiting && waiting_bytes_ <= most_waiting_bytes) {
                if (!data.message().empty() || !data.half_close()) waiting_.push_back(data.message());
                half_closed_ = data.half_close();
                return write_next();
            }
        }
        cancel();
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
        v1alpha1::FromGateway message;
        message.mutable_call()->set_id(id_);
        message.mutable_call()->set_message(to_bytes(incoming_));
        {
            const std::scoped_lock lock(mutex_);
            parked_ = true;
            is_taken_ = false;
            window_ -= static_cast<std::int64_t>(message.call().message().size()) + answer_cost;
        }
        // The service is read as fast as the line, and whoever reads at its other end, takes it.
        const auto taken = [self = self_] { self->read_on([&self] { self->is_taken_ = true; }); };
        if (!post_->send({std::move(message), taken})) cancel();
    }
    void OnDone(const grpc::Status& status) override {
        v1alpha1::FromGateway message;
        message.mutable_call()->set_id(id_);
        message.mutable_call()->set_end(true);
        for (const auto& error : errors_of(status, {}))
            *message.mutable_call()->add_errors() = to_message(error);
        post_->send({std::move(message)});
        const auto living = living_;
        self_.reset();  // may be the last one that knows it
        living->end();
    }

  private:
    // Reads the next answer, if what `change` does under the mutex made that possible.
    template <class Change>
    void read_on(const Change& change) {
        {
            const std::scoped_lock lock(mutex_);
            change();
            const bool is_wanted = is_taken_ && (!is_bounded_ || window_ > 0);
            if (!parked_ || (!is_wanted && !is_cancelled_)) return;
            parked_ = false;
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
    const bool is_bounded_;
    std::int64_t window_;  // of answers that are wanted, in bytes
    const std::shared_ptr<Post> post_;
    const std::shared_ptr<Living> living_;
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
    bool parked_ = false;    // a message was read, and the next one is not asked for yet
    bool is_taken_ = false;  // it is on the line
    bool is_cancelled_ = false;
    std::shared_ptr<Call> self_;  // until OnDone
};

Relay::Relay(std::shared_ptr<grpc::Channel> control, std::shared_ptr<Post> post)
    : control_(std::move(control)), post_(std::move(post)), living_(std::make_shared<Living>()) {
}

Relay::~Relay() {
    for (const auto& [id, call] : calls_) call->cancel();
    living_->wait_for_none();
}

void Relay::refuse(std::uint64_t id, const Error& error) {
    v1alpha1::FromGateway message;
    message.mutable_call()->set_id(id);
    message.mutable_call()->set_end(true);
    *message.mutable_call()->add_errors() = to_message(error);
    post_->send({std::move(message)});
}

void Relay::begin(const v1alpha1::CallData& data) {
    const auto method =
        std::ranges::find(allowed, data.method(), [](const auto& each) { return each.first; });
    if (method == allowed.end())
        return refuse(data.id(), {Code::refused,
                                  "'" + printable(data.method(), 40) + "' is not for a console",
                                  {},
                                  "SetRun, SetLock, Logs, Attach, Measure, TestDevice or Capture",
                                  {}});
    if (data.actor().empty() || printable(data.actor(), 128) != data.actor() ||
        printable(data.tenant(), 128) != data.tenant())
        return refuse(data.id(), {Code::refused, "the call says nobody's name", {}, {}, {}});
    if (calls_.size() >= most_calls)
        return refuse(data.id(), {Code::unavailable, "too many calls at once", {}, {}, "try again later"});
    const auto call = std::make_shared<Call>(data, post_, living_);
    calls_[data.id()] = call;
    call->start(call, control_, std::string(method->second).append(method->first));
    call->write(data);
}

void Relay::on(const v1alpha1::CallData& data) {
    std::erase_if(calls_, [](const auto& entry) { return entry.second->ended(); });
    const auto found = calls_.find(data.id());
    if (found == calls_.end()) {
        if (!data.method().empty()) begin(data);
        return;
    }
    if (data.window() > 0) found->second->widen(data.window());
    if (data.end())
        found->second->cancel();
    else if (!data.message().empty() || data.half_close() || data.window() == 0)
        found->second->write(data);
}

}  // namespace bulkhead::uplink
