#include "console/server/relayed_calls.hpp"

#include <utility>

#include "base/name.hpp"
#include "rpc/error_message.hpp"

namespace bulkhead::console {

namespace {

// As CallData.window counts.
constexpr std::size_t answer_cost = 64;

}  // namespace

class RelayedCalls::Call final : public RelayedCall {
  public:
    Call(std::shared_ptr<Wires> wires, std::uint64_t id, std::uint32_t window)
        : wires_(std::move(wires)), id_(id), window_(window) {}
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;
    ~Call() override { cancel(); }

    bool write(std::string message) override {
        return say([&](api::CallData& data) { data.set_message(std::move(message)); });
    }
    void half_close() override {
        say([](api::CallData& data) { data.set_half_close(true); });
    }
    void cancel() override {
        {
            const std::scoped_lock lock(wires_->mutex);
            if (wires_->open.erase(id_) == 0) return;
        }
        api::FromConsole message;
        message.mutable_call()->set_id(id_);
        message.mutable_call()->set_end(true);
        wires_->send(std::move(message));
    }
    // By halves, so that not each answer costs one more message.
    void taken(std::size_t bytes) override {
        taken_ += bytes + answer_cost;
        if (window_ == 0 || taken_ < window_ / 2) return;
        say([&](api::CallData& data) {
            data.set_window(static_cast<std::uint32_t>(std::exchange(taken_, 0)));
        });
    }

  private:
    template <class Fill>
    bool say(const Fill& fill) {
        {
            const std::scoped_lock lock(wires_->mutex);
            if (!wires_->open.contains(id_)) return false;
        }
        api::FromConsole message;
        message.mutable_call()->set_id(id_);
        fill(*message.mutable_call());
        wires_->send(std::move(message));
        return true;
    }

    std::shared_ptr<Wires> wires_;
    const std::uint64_t id_;
    const std::size_t window_;
    std::size_t taken_ = 0;  // since the gateway was last told
};

std::unique_ptr<RelayedCall> RelayedCalls::open(const Caller& caller, const std::string& method,
                                                std::string request, RelayEvents events) {
    auto shared = std::make_shared<RelayEvents>(std::move(events));
    std::uint64_t id = 0;
    bool ended = false;
    {
        const std::scoped_lock lock(wires_->mutex);
        id = ++wires_->last;
        ended = wires_->ended;
        if (!ended) wires_->open.emplace(id, shared);
    }
    auto call = std::make_unique<Call>(wires_, id, shared->window);
    if (ended) {
        shared->end({Error{Code::unavailable, "the gateway's line has just ended", {}, {}, "try again"}});
        return call;
    }
    api::FromConsole message;
    auto& data = *message.mutable_call();
    data.set_id(id);
    data.set_method(method);
    data.set_actor(caller.actor);
    data.set_tenant(caller.tenant);
    data.set_window(shared->window);
    data.set_message(std::move(request));
    data.set_half_close(method != "Attach");  // the others have one request
    wires_->send(std::move(message));
    return call;
}

void RelayedCalls::received(const api::CallData& data) {
    std::shared_ptr<RelayEvents> events;
    {
        const std::scoped_lock lock(wires_->mutex);
        const auto found = wires_->open.find(data.id());
        if (found == wires_->open.end()) return;  // cancelled here meanwhile
        events = found->second;
        if (data.end()) wires_->open.erase(found);
    }
    if (!data.message().empty() || !data.end()) events->message(data.message());
    if (!data.end()) return;
    Errors errors;
    for (const auto& error : data.errors()) errors.push_back(rpc::from_message(error));
    events->end(errors);
}

void RelayedCalls::end(const Error& why) {
    std::map<std::uint64_t, std::shared_ptr<RelayEvents>> open;
    {
        const std::scoped_lock lock(wires_->mutex);
        wires_->ended = true;
        open = std::exchange(wires_->open, {});
    }
    for (const auto& [id, events] : open) events->end({why});
}

}  // namespace bulkhead::console
