// What runs in the partitions, as the host knows it: one agent session and one watch per serial line for each
// running machine, and the condition that follows from them. Lives on the loop's thread; views may be taken
// from any.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "base/loop.hpp"
#include "model/layout.hpp"
#include "partition-manager/apply/events.hpp"
#include "partition-manager/daemon/snapshot.hpp"
#include "partition-manager/lifecycle/agent_session.hpp"
#include "partition-manager/lifecycle/health.hpp"
#include "partition-manager/lifecycle/output.hpp"
#include "passthrough/owner_watch.hpp"

namespace bulkhead::daemon {

struct GuestView {
    std::string state;
    std::string health;
    std::string reason;
    UtcTime since;  // when state or health last changed
    MonotonicTime since_monotonic;
    std::optional<lifecycle::AgentState> agent;
    std::map<model::DeviceName, lifecycle::DeviceFact> devices;  // of a running one
};

class Guests {
  public:
    using Record = std::function<void(const apply::Event&)>;

    Guests(Loop& loop, const Clock& clock, model::Layout layout, const Board& board, Record record);
    ~Guests();
    Guests(const Guests&) = delete;
    Guests& operator=(const Guests&) = delete;

    // What an application may read from now on, or nothing if that is to stay as it is; set before the first
    // follow().
    using SecretsOf = std::function<std::optional<std::map<std::string, std::string>>(
        const model::Spec&, const model::Partition&)>;
    void secrets_from(SecretsOf secrets) { secrets_ = std::move(secrets); }

    // What may pass between a partition and a device that it must be trusted to have; set before the first
    // follow().
    using GateOf = std::function<passthrough::Gate(const model::PartitionName&, const model::DeviceUse&)>;
    void gates_from(GateOf gate) { gate_of_ = std::move(gate); }

    // The gateway's side of a device that is no serial line; set before the first follow().
    using FactOf = std::function<lifecycle::DeviceFact(const model::Device&)>;
    void facts_from(FactOf fact) { fact_of_ = std::move(fact); }

    // On the loop: after each publication of a snapshot.
    void follow();
    // On the loop: asks the agent for a clean power-off. False: there is nobody to ask.
    bool shutdown(const model::PartitionName& partition, std::chrono::milliseconds grace);

    // On the loop. The answer comes there too, or never. Code::unavailable: there is nobody to ask.
    using OnQuote = std::function<void(const lifecycle::QuoteAnswer&)>;
    using OnActivation = std::function<void(const lifecycle::ActivateAnswer&)>;
    Result<> ask_quote(const model::PartitionName& partition, agent::v1::QuoteRequest request, OnQuote done);
    Result<> ask_activation(const model::PartitionName& partition, agent::v1::ActivateRequest request,
                            OnActivation done);

    // From any thread. Nothing for a partition that is in no spec.
    std::optional<GuestView> view(const model::PartitionName& partition) const;
    // Shared with callers that follow it while the partition may go.
    std::shared_ptr<lifecycle::Output> output(const model::PartitionName& partition) const;

  private:
    struct Guest {
        std::unique_ptr<lifecycle::AgentSession> session;
        std::map<model::DeviceName, std::unique_ptr<passthrough::OwnerWatch>> watches;
        std::map<model::DeviceName, lifecycle::DeviceFact> devices;
        std::map<model::DeviceName, passthrough::Gate> gates;  // as their owners told last
        std::map<model::DeviceName, std::string> plugged;      // what was at a USB port last, in words
        std::string boot_id;                                   // that the agent spoke of last
        std::shared_ptr<lifecycle::Output> output;
        model::TenantName tenant;
        // That this agent was told last; nothing: it was told nothing yet.
        std::optional<std::map<std::string, std::string>> secrets;
        unsigned starts = 0;  // of the machine that the session belongs to
        bool running = false;
        bool stopping = false;
        MonotonicTime running_since;
        lifecycle::Verdict verdict;
        // What was asked of the agent last: a late answer to an older question is nobody's.
        std::uint64_t asked_quote = 0;
        std::uint64_t asked_activation = 0;
        OnQuote on_quote;
        OnActivation on_activation;
        UtcTime since;
        MonotonicTime since_monotonic;
    };

    void follow(const Snapshot& snapshot, const model::Partition& partition);
    void open(const model::PartitionName& name, Guest& guest);
    void give_secrets(const model::Spec& spec, const model::Partition& partition, Guest& guest);
    void give_secrets(const model::PartitionName& name, Guest& guest);
    void note_secrets(const model::Partition& partition, const Guest& guest,
                      const std::map<std::string, std::string>& secrets);
    void close(Guest& guest);
    Result<Guest*> find_speaking(const model::PartitionName& partition);
    void note_hello(const model::PartitionName& name, Guest& guest);
    void watch_lines(const model::Spec& spec, const model::Partition& partition, Guest& guest);
    void on_owner(const model::PartitionName& name, Guest& guest, const model::DeviceName& device,
                  model::DeviceKind kind, const std::optional<passthrough::OwnerState>& state);
    void note_gate(const model::PartitionName& name, Guest& guest, const passthrough::OwnerState& state);
    void keep_gates(const model::Spec& spec, const model::PartitionName& name, Guest& guest) const;
    void note_plugged(const model::PartitionName& name, Guest& guest, const model::DeviceName& device,
                      const std::string& found);
    void look_at_devices(const model::Spec& spec, const model::PartitionName& name, Guest& guest) const;
    void assess();
    lifecycle::HealthFacts facts_of(const Snapshot& snapshot, const model::PartitionName& name,
                                    const Guest& guest) const;

    Loop& loop_;
    const Clock& clock_;
    const model::Layout layout_;
    const Board& board_;
    const Record record_;
    SecretsOf secrets_;
    GateOf gate_of_;
    FactOf fact_of_;
    Loop::TimerId timer_;
    std::map<model::PartitionName, Guest> guests_;
    std::uint64_t question_ = 0;  // numbers all questions to all agents

    mutable std::mutex mutex_;
    std::map<model::PartitionName, GuestView> views_;
    std::map<model::PartitionName, std::shared_ptr<lifecycle::Output>> outputs_;
};

}  // namespace bulkhead::daemon
