#include "partition-manager/daemon/switch_service.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "partition-manager/daemon/convert.hpp"
#include "partition-manager/daemon/explanation.hpp"
#include "partition-manager/daemon/listener.hpp"
#include "partition-manager/daemon/proof.hpp"
#include "partition-manager/daemon/traffic_view.hpp"
#include "rpc/status.hpp"

namespace bulkhead::daemon {
namespace {

constexpr std::chrono::seconds grace{60};

// Does something if it is still there after a time.
class Overdue {
  public:
    Overdue(std::chrono::seconds time, std::function<void()> then)
        : thread_([this, time, then = std::move(then)](const std::stop_token& stop) {
              std::unique_lock lock(mutex_);
              if (!changed_.wait_for(lock, stop, time, [&stop] { return stop.stop_requested(); })) then();
          }) {}

  private:
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::jthread thread_;  // last: it uses all above
};

template <class Message>
grpc::Status answer(Result<Message> result, Message& reply) {
    if (!result) return rpc::to_status(result.error());
    reply = std::move(*result);
    return {};
}

}  // namespace

grpc::Status SwitchService::Explain(grpc::ServerContext* context, const v1alpha1::ExplainRequest* request,
                                    v1alpha1::Explanation* reply) {
    return answer(explain(sources_, *request, actor_of(*context)), *reply);
}

grpc::Status SwitchService::Prove(grpc::ServerContext*, const v1alpha1::ProveRequest* request,
                                  v1alpha1::Proof* reply) {
    return answer(prove(sources_, *request), *reply);
}

grpc::Status SwitchService::Capture(grpc::ServerContext* context, const v1alpha1::CaptureRequest* request,
                                    grpc::ServerWriter<v1alpha1::CapturePiece>* writer) {
    // A caller who takes nothing any more, and does not leave either, holds a helper no longer than this.
    const Overdue overdue(std::chrono::seconds(request->seconds()) + grace,
                          [context] { context->TryCancel(); });
    const auto done = captures_.run(
        *request, caller_of(*context), [writer](const auto& piece) { return writer->Write(piece); },
        [context] { return context->IsCancelled(); });
    return done ? grpc::Status() : rpc::to_status(done.error());
}

grpc::Status SwitchService::ListDenials(grpc::ServerContext*, const v1alpha1::ListRequest* request,
                                        v1alpha1::DenialList* reply) {
    return answer(denials(sources_, *request), *reply);
}

grpc::Status SwitchService::ListFlows(grpc::ServerContext*, const v1alpha1::ListRequest* request,
                                      v1alpha1::FlowList* reply) {
    return answer(flows(sources_, *request), *reply);
}

grpc::Status SwitchService::ListRouters(grpc::ServerContext*, const v1alpha1::ListRequest* request,
                                        v1alpha1::RouterList* reply) {
    *reply = routers(*sources_.board.current(), sources_.routers(), *request);
    return {};
}

}  // namespace bulkhead::daemon
