#include "partition-manager/daemon/manager.hpp"

#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <future>
#include <optional>

#include "base/file.hpp"
#include "base/log.hpp"
#include "images/bundle/store.hpp"
#include "images/store.hpp"
#include "partition-manager/apply/schema.hpp"
#include "partition-manager/daemon/anchor_attestor.hpp"
#include "partition-manager/daemon/assigned_devices.hpp"
#include "partition-manager/daemon/centre.hpp"
#include "partition-manager/daemon/control_service.hpp"
#include "partition-manager/daemon/device_check.hpp"
#include "partition-manager/daemon/device_gates.hpp"
#include "partition-manager/daemon/devices.hpp"
#include "partition-manager/daemon/listener.hpp"
#include "partition-manager/daemon/measured_host.hpp"
#include "partition-manager/daemon/network.hpp"
#include "partition-manager/daemon/switch_care.hpp"
#include "partition-manager/daemon/switch_service.hpp"
#include "partition-manager/daemon/traffic_view.hpp"
#include "partition-manager/hypervisor/driver.hpp"
#include "partition-manager/hypervisor/volume_driver.hpp"

namespace bulkhead::daemon {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t policy_limit = 1024 * 1024;
constexpr milliseconds shutdown_grace{10'000};
constexpr milliseconds loop_patience{2'000};

Result<policies::Policy> read_gateway_policy(const std::filesystem::path& path) {
    BULKHEAD_TRY_ASSIGN(const auto text, read_file(path, policy_limit));
    auto policy = policies::read_policy(text, path.string());
    if (!policy) return std::unexpected(policy.error().front());
    return std::move(*policy);
}

}  // namespace

// Members are destroyed from the last to the first; each uses only those above it.
struct Manager::Parts {
    Parts(Options given, Launcher given_launcher, HostFacts given_host, std::unique_ptr<Loop> given_loop,
          std::unique_ptr<storage::Database> given_database, policies::Policy given_policy,
          std::unique_ptr<vnet::SwitchDriver> given_switch, std::unique_ptr<uplink::Identity> given_identity);

    void record(const apply::Event& event);
    void poke();
    void schedule(milliseconds delay);
    bool request_shutdown(const model::PartitionName& partition);
    hypervisor::MachineDriver::Options machine_options();
    EngineParts engine_parts();
    ViewSources view_sources();
    DiagnosisSources diagnosis_sources();
    ControlParts control_parts();
    SwitchSources switch_sources();
    CentreParts centre_parts();
    void begin_centre();
    MeasuredHost::Parts measured_host_parts();
    Result<std::string> references(const model::Spec& spec);
    std::uint64_t start_of(const model::PartitionName& partition) const;
    void stop();

    const Options options;
    const model::Layout& layout = options.layout;
    const Launcher launcher;
    const HostFacts host;
    SystemClock clock;
    std::unique_ptr<Loop> loop;
    std::unique_ptr<storage::Database> database;
    const policies::Policy policy;
    const std::unique_ptr<uplink::Identity> identity;
    std::stop_source stopping;

    apply::Store store{*database, clock};
    apply::Journal journal{*database, clock};
    apply::Events events{*database, clock, boot_id()};
    images::ImageStore images{layout.images, clock};
    images::BundleStore bundles{layout, clock};
    Board board;
    Bundles pushed{layout, policy, board};
    trust::Results results{clock};
    Devices devices{{*loop, clock, board, [this](const apply::Event& event) { record(event); },
                     [this] { poke(); }, passthrough::inventory::Tree()}};
    Guests guests{*loop, clock, layout, board, [this](const apply::Event& event) { record(event); }};
    std::unique_ptr<MeasuredHost> measured;  // null: the host has no TPM
    DeviceGates gates{layout, results,
                      [this](const model::PartitionName& partition) { return start_of(partition); }};
    std::unique_ptr<AnchorAttestor> attestor;
    std::unique_ptr<Secrets> secrets;

    hypervisor::Connection libvirt{
        options.libvirt, [this](const hypervisor::DomainEvent&) { loop->post([this] { poke(); }); }};
    hypervisor::MachineDriver machines{libvirt, machine_options()};
    hypervisor::VolumeDriver volumes{layout};
    Network network;
    AssignedDevices assigned{options, launcher};
    // Machines last: whose devices are where is known by then, and what was measured is compared with it.
    apply::Executor executor{
        {&volumes, &network.ports(), &network.routers(), &network.guards(), &assigned.driver(), &machines},
        journal,
        clock};
    Engine engine{engine_parts()};
    apply::Ownership ownership{*database, clock};
    Requests requests{engine, store, policy, authority_of(ownership, *identity),
                      device_check([this] { return devices.current(); }, !options.tpm.empty())};
    std::atomic<bool> poked = false;
    Loop::TimerId timer = 0;
    SwitchCare care{{*loop, [this](std::function<void()> work) { worker->submit(std::move(work)); },
                     network.ports(), network.routers(), network.guards(),
                     [this](const apply::Event& event) { record(event); }, [this] { poke(); }}};
    std::unique_ptr<Worker> worker = std::make_unique<Worker>("act");

    Views views{view_sources()};
    std::unique_ptr<Centre> centre;
    Diagnosis diagnosis{diagnosis_sources()};
    std::unique_ptr<ControlService> service;
    Captures captures{switch_sources(),
                      [this](int socket) { return launcher.start({options.capture.string()}, {{socket}}); },
                      stopping.get_token()};
    SwitchService switch_service{switch_sources(), captures};
    std::unique_ptr<grpc::Server> server;
    std::unique_ptr<Listener> listener;
};

Manager::Parts::Parts(Options given, Launcher given_launcher, HostFacts given_host,
                      std::unique_ptr<Loop> given_loop, std::unique_ptr<storage::Database> given_database,
                      policies::Policy given_policy, std::unique_ptr<vnet::SwitchDriver> given_switch,
                      std::unique_ptr<uplink::Identity> given_identity)
    : options(std::move(given)),
      launcher(std::move(given_launcher)),
      host(std::move(given_host)),
      loop(std::move(given_loop)),
      database(std::move(given_database)),
      policy(std::move(given_policy)),
      identity(std::move(given_identity)),
      network(options, launcher, host.router_lacks, std::move(given_switch)) {
    board.on_publish([this] { loop->post([this] { guests.follow(); }); });
    events.on_append([this] {
        if (centre) centre->poke();
    });
    guests.facts_from([this](const model::Device& device) { return devices.fact_of(device); });
    guests.gates_from([this](const model::PartitionName& partition, const model::DeviceUse& use) {
        return gates.of(partition, use);
    });
    guests.secrets_from([this](const model::Spec& spec, const model::Partition& partition) {
        return secrets ? secrets->of(spec, partition) : std::nullopt;
    });
}

std::uint64_t Manager::Parts::start_of(const model::PartitionName& partition) const {
    return measured ? measured->measurer().start_of(partition) : 0;
}

// The TPM is known by now.
void Manager::Parts::begin_centre() {
    if (measured) attestor = std::make_unique<AnchorAttestor>(measured->anchor());
    secrets = std::make_unique<Secrets>(
        *identity, attestor.get(), results,
        [this](const model::PartitionName& partition) { return start_of(partition); });
    secrets->open_key();
    centre = std::make_unique<Centre>(centre_parts());
    service = std::make_unique<ControlService>(control_parts());
}

CentreParts Manager::Parts::centre_parts() {
    return {*database,
            clock,
            board,
            ownership,
            *identity,
            attestor.get(),
            [this]() -> trust::Attester* { return measured ? &measured->attester() : nullptr; },
            results,
            *secrets,
            [this]() -> Worker& { return *worker; },
            [this]() -> Requests& { return requests; },
            [this] { return views.report(); },
            [this] { return server->InProcessChannel({}); },
            [this] { loop->post([this] { guests.follow(); }); }};
}

hypervisor::MachineDriver::Options Manager::Parts::machine_options() {
    hypervisor::MachineDriver::Options made{
        layout, host.accelerator, hypervisor::probe_host_support(),
        [this](const model::PartitionName& partition) { return request_shutdown(partition); }};
    made.offloads = host.left_checksums.told;
    made.tpm = !options.tpm.empty();
    if (!made.tpm) return made;
    made.before_start = [this](const model::MachineFacts& facts) {
        const auto spec = engine.spec();
        return gates.before_start(spec.get(), facts.partition,
                                  [&] { return measured->measurer().before_start(facts); });
    };
    made.after_observe = [this](const model::Observed& seen) { measured->measurer().follow(seen); };
    return made;
}

void Manager::Parts::record(const apply::Event& event) {
    if (auto appended = events.append(event); !appended)
        log::error("can't record an event", {{"error", appended.error().text()}});
}

MeasuredHost::Parts Manager::Parts::measured_host_parts() {
    return {options,
            launcher,
            clock,
            *loop,
            *database,
            store,
            guests,
            [this] { return engine.spec(); },
            [this](const apply::Event& event) { record(event); }};
}

// On the worker.
Result<std::string> Manager::Parts::references(const model::Spec& spec) {
    if (!measured)
        return fail(Code::unsupported, "there is no TPM on this host: it measures nothing", {}, {},
                    "name one: bulkheadd --tpm");
    BULKHEAD_TRY_ASSIGN(auto verified, images.verified());
    return measured->references(spec, std::move(verified), host.left_checksums.told, machines);
}

EngineParts Manager::Parts::engine_parts() {
    return {*database,
            store,
            journal,
            events,
            executor,
            clock,
            board,
            policy,
            [this] { return images.verified(); },
            [this] { return images.refused(); },
            stopping.get_token(),
            [this](const model::Spec& spec) { return bundles.verdicts(spec); }};
}

ViewSources Manager::Parts::view_sources() {
    return {board,
            guests,
            clock,
            [this] { return network.ports().traffic(); },
            [this] { return assigned.driver().holds(); },
            results,
            [this](v1alpha1::Status& status) {
                if (centre) centre->complete(status);
            },
            [this](v1alpha1::GatewayReport& report) { add_switch(switch_sources(), report); },
            [this] { return devices.current(); },
            [this] { return network.guards().states(); }};
}

DiagnosisSources Manager::Parts::diagnosis_sources() {
    // Connections and stores of its own: it runs on gRPC's threads, and the worker may be busy.
    return {
        [this] {
            hypervisor::Connection connection(options.libvirt);
            return hypervisor::capabilities(connection, host.accelerator, hypervisor::probe_host_support());
        },
        [this] { return network.features(host.left_checksums); },
        [this] { return state_of_images(layout, clock); },
        [this] {
            return measured
                       ? options.tpm + ", trust anchor " + std::string(to_string(measured->anchor().anchor()))
                       : std::string();
        },
        [this] { return devices.current(); }};
}

ControlParts Manager::Parts::control_parts() {
    return {*worker,
            requests,
            board,
            guests,
            events,
            views,
            diagnosis,
            [this](const model::PartitionName& name) { return machines.open_console(name); },
            *centre,
            *secrets,
            [this](const model::Spec& spec) { return references(spec); },
            stopping.get_token(),
            pushed,
            assigned.tester([this](const apply::Event& event) { record(event); })};
}

SwitchSources Manager::Parts::switch_sources() {
    return network.sources(board, clock, store, [this](const apply::Event& event) { record(event); });
}

// On the worker's thread; the agent's session lives on the loop's.
bool Manager::Parts::request_shutdown(const model::PartitionName& partition) {
    auto answer = std::make_shared<std::promise<bool>>();  // outlives whichever side gives up first
    auto future = answer->get_future();
    loop->post([this, answer, partition] { answer->set_value(guests.shutdown(partition, shutdown_grace)); });
    return future.wait_for(loop_patience) == std::future_status::ready && future.get();
}

void Manager::Parts::poke() {
    if (poked.exchange(true)) return;
    worker->submit([this] {
        poked = false;
        const auto next = engine.reconcile();
        care.tell();
        loop->post([this, next] { schedule(next); });
    });
}

void Manager::Parts::schedule(milliseconds delay) {
    loop->cancel(timer);
    timer = loop->after(delay, [this] { poke(); });
}

void Manager::Parts::stop() {
    stopping.request_stop();
    listener.reset();
    centre->stop();
    // The step in progress is finished first, so that its caller hears of it.
    worker.reset();
    if (measured) measured->stop();
    server->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(2));
    server.reset();
    if (!engine.spec()) network.give_up_unused();
}

Result<std::unique_ptr<Manager>> Manager::open(const Options& given, Launcher launcher, HostFacts host) {
    auto tpm = open_tpm(given.tpm);
    Options options = given;
    if (!tpm.anchor) options.tpm.clear();
    const auto& layout = options.layout;
    BULKHEAD_TRY_ASSIGN(auto loop, Loop::open());
    const std::array signals{SIGTERM, SIGINT, SIGHUP};
    BULKHEAD_TRY(loop->on_signals(signals, [loop = loop.get()](int) { loop->stop(); }));
    BULKHEAD_TRY_ASSIGN(auto policy, read_gateway_policy(options.policy));
    BULKHEAD_TRY_ASSIGN(auto database, apply::open_database(layout.database()));
    images::forget_incoming(layout);
    BULKHEAD_TRY_ASSIGN(auto ports, vnet::SwitchDriver::open(layout));
    BULKHEAD_TRY_ASSIGN(auto identity, uplink::Identity::open(layout.state / "uplink"));
    auto parts = std::make_unique<Parts>(options, std::move(launcher), std::move(host), std::move(loop),
                                         std::move(database), std::move(policy), std::move(ports),
                                         std::move(identity));
    if (tpm.anchor) {
        BULKHEAD_TRY_ASSIGN(parts->measured,
                            MeasuredHost::open(parts->measured_host_parts(), std::move(tpm.anchor)));
        parts->results.set_anchor(std::string(to_string(parts->measured->anchor().anchor())));
    } else {
        parts->results.set_reason(tpm.reason);
    }
    parts->begin_centre();
    BULKHEAD_TRY(parts->engine.load());
    grpc::ServerBuilder builder;
    builder.RegisterService(parts->service.get());
    builder.RegisterService(&parts->switch_service);
    builder.SetMaxReceiveMessageSize(2 * 1024 * 1024);
    parts->server = builder.BuildAndStart();
    if (!parts->server) return fail(Code::internal, "gRPC's server does not start");
    BULKHEAD_TRY_ASSIGN(auto listener, Listener::open(*parts->loop, *parts->server, layout.control_socket()));
    parts->listener = std::make_unique<Listener>(std::move(listener));
    return std::unique_ptr<Manager>(new Manager(std::move(parts)));
}

Manager::Manager(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {
}
Manager::~Manager() = default;

Result<> Manager::run() {
    log::info("ready", {{"version", BULKHEAD_VERSION},
                        {"control", parts_->layout.control_socket().string()},
                        {"accelerator", parts_->host.accelerator.name},
                        {"offloads", parts_->host.left_checksums.told ? "offered" : "none"}});
    parts_->poke();
    parts_->devices.begin();
    BULKHEAD_TRY(parts_->care.begin());
    parts_->centre->start();
    const auto ended = parts_->loop->run();
    parts_->stop();
    log::info("ended; partitions live on");
    return ended;
}

}  // namespace bulkhead::daemon
