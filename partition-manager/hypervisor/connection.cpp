#include "partition-manager/hypervisor/connection.hpp"

#include <fmt/format.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <pthread.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <csignal>
#include <filesystem>
#include <mutex>
#include <thread>
#include <utility>

#include "partition-manager/hypervisor/deadline.hpp"

namespace bulkhead::hypervisor {
namespace {

using namespace std::chrono_literals;

// libvirt waits up to 30 s for another call on the same domain; a driver may block for a minute.
constexpr auto call_deadline = 45s;
// A libvirtd that does not answer for interval * (count + 1) is given up: 15 s.
constexpr int keepalive_seconds = 5;
constexpr unsigned keepalive_count = 2;
// Each call that hangs keeps a thread; with that many of them libvirtd has to be mended first.
constexpr int hanging_calls_limit = 4;

struct DomainFree {
    void operator()(virDomainPtr domain) const { virDomainFree(domain); }
};
using DomainPtr = std::unique_ptr<virDomain, DomainFree>;

struct CFree {
    void operator()(char* text) const { ::free(text); }
};
using CText = std::unique_ptr<char, CFree>;

std::string mend_libvirtd() {
    return std::filesystem::exists("/run/systemd/system") ? "run: systemctl restart libvirtd"
                                                          : "run: virtlogd -d; libvirtd -d";
}

std::unexpected<Error> unavailable(std::string what) {
    return fail(Code::unavailable, std::move(what), "libvirt", "", mend_libvirtd());
}

Code code_of(const virError& error) {
    switch (error.code) {
        case VIR_ERR_NO_DOMAIN:
            return Code::not_found;
        case VIR_ERR_DOM_EXIST:
            return Code::conflict;
        case VIR_ERR_XML_ERROR:
        case VIR_ERR_XML_DETAIL:
        case VIR_ERR_INVALID_ARG:
            return Code::internal;  // we wrote that
        case VIR_ERR_CONFIG_UNSUPPORTED:
        case VIR_ERR_NO_SUPPORT:
            return Code::unsupported;
        case VIR_ERR_OPERATION_TIMEOUT:
        case VIR_ERR_AGENT_UNRESPONSIVE:
            return Code::timeout;
        case VIR_ERR_AUTH_FAILED:
        case VIR_ERR_AUTH_CANCELLED:
        case VIR_ERR_ACCESS_DENIED:
            return Code::refused;
        default:
            return Code::io;
    }
}

// libvirt keeps the last error per thread.
std::unexpected<Error> fail_libvirt(const std::string& what) {
    const virError* error = virGetLastError();
    if (error == nullptr) return fail(Code::internal, what, "libvirt");
    return fail(code_of(*error),
                what + ": " + (error->message != nullptr ? error->message : "no reason given"), "libvirt");
}

int last_error_code() {
    const virError* error = virGetLastError();
    return error == nullptr ? VIR_ERR_OK : error->code;
}

// libvirt has one event loop per process and no way to stop it, so this thread lives as long as the process.
void start_event_thread() {
    static std::once_flag once;
    std::call_once(once, [] {
        virSetErrorFunc(nullptr, [](void*, virErrorPtr) {});  // else libvirt prints each error on stderr
        virEventRegisterDefaultImpl();
        std::thread([] {
            sigset_t all;
            sigfillset(&all);
            pthread_sigmask(SIG_BLOCK, &all, nullptr);
            pthread_setname_np(pthread_self(), "libvirt-events");
            while (true) {
                if (virEventRunDefaultImpl() < 0) std::this_thread::sleep_for(1s);
            }
        }).detach();
    });
}

std::string uuid_of(virDomainPtr domain) {
    std::array<char, VIR_UUID_STRING_BUFLEN> text{};
    if (virDomainGetUUIDString(domain, text.data()) < 0) return {};
    return text.data();
}

model::Power power_of(int state, int reason) {
    // Its start is under way, perhaps asked for by a daemon that died meanwhile; it ends as running or off.
    if (state == VIR_DOMAIN_PAUSED && reason == VIR_DOMAIN_PAUSED_STARTING_UP) return model::Power::running;
    switch (state) {
        case VIR_DOMAIN_RUNNING:
        case VIR_DOMAIN_BLOCKED:
        case VIR_DOMAIN_SHUTDOWN:  // being shut down: QEMU is still there
            return model::Power::running;
        case VIR_DOMAIN_PAUSED:
        case VIR_DOMAIN_PMSUSPENDED:
            return model::Power::paused;
        default:
            return model::Power::off;
    }
}

std::string version(unsigned long number) {
    return fmt::format("{}.{}.{}", number / 1000000, number / 1000 % 1000, number % 1000);
}

// Nothing if the domain went away meanwhile.
Result<std::optional<Domain>> read_domain(virDomainPtr handle) {
    Domain domain{.name = virDomainGetName(handle), .uuid = uuid_of(handle)};
    int state = 0;
    const auto gone_or_failed = [&]() -> Result<std::optional<Domain>> {
        if (last_error_code() == VIR_ERR_NO_DOMAIN) return std::nullopt;
        return fail_libvirt("can't look at " + domain.name);
    };
    int reason = 0;
    if (virDomainGetState(handle, &state, &reason, 0) < 0) return gone_or_failed();
    domain.power = power_of(state, reason);
    const int persistent = virDomainIsPersistent(handle);
    if (persistent < 0) return gone_or_failed();
    domain.persistent = persistent == 1;
    const CText metadata(
        virDomainGetMetadata(handle, VIR_DOMAIN_METADATA_ELEMENT, metadata_uri, VIR_DOMAIN_AFFECT_CURRENT));
    if (metadata != nullptr)
        domain.metadata = metadata.get();
    else if (last_error_code() != VIR_ERR_NO_DOMAIN_METADATA)
        return gone_or_failed();
    return domain;
}

DomainEvent::Kind kind_of(int event) {
    using Kind = DomainEvent::Kind;
    switch (event) {
        case VIR_DOMAIN_EVENT_DEFINED:
            return Kind::defined;
        case VIR_DOMAIN_EVENT_UNDEFINED:
            return Kind::undefined;
        case VIR_DOMAIN_EVENT_STARTED:
            return Kind::started;
        case VIR_DOMAIN_EVENT_RESUMED:
            return Kind::resumed;
        case VIR_DOMAIN_EVENT_SUSPENDED:
        case VIR_DOMAIN_EVENT_PMSUSPENDED:
            return Kind::paused;
        default:
            return Kind::stopped;
    }
}

std::string stop_detail(int detail) {
    switch (detail) {
        case VIR_DOMAIN_EVENT_STOPPED_SHUTDOWN:
            return "shutdown";
        case VIR_DOMAIN_EVENT_STOPPED_DESTROYED:
            return "destroyed";
        case VIR_DOMAIN_EVENT_STOPPED_CRASHED:
            return "crashed";
        default:
            return "failed";
    }
}

}  // namespace

struct Connection::Events {
    explicit Events(OnEvent callback) : on_event(std::move(callback)) {}

    void deliver(const DomainEvent& event) {
        const std::lock_guard lock(mutex);
        if (event.kind == DomainEvent::Kind::stopped || event.kind == DomainEvent::Kind::disconnected) {
            ++stops;
            changed.notify_all();
        }
        if (on_event) on_event(event);
    }
    void close() {
        const std::lock_guard lock(mutex);
        on_event = {};
    }

    std::mutex mutex;
    std::condition_variable changed;
    std::uint64_t stops = 0;
    OnEvent on_event;
    std::atomic<int> hanging_calls = 0;
};

// One virConnect. Its calls come one at a time, from whichever thread.
class Connection::Session {
  public:
    Session(std::string uri, std::shared_ptr<Events> events)
        : uri_(std::move(uri)), events_(std::move(events)) {}
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session() { close(); }

    virConnectPtr handle() const { return connection_; }
    bool alive() const { return connection_ != nullptr && virConnectIsAlive(connection_) == 1; }

    Result<> connect() {
        if (alive()) return {};
        close();
        connection_ = virConnectOpen(uri_.c_str());
        if (connection_ == nullptr) {
            const auto error = fail_libvirt("can't connect").error();
            return error.code == Code::refused ? std::unexpected(error) : unavailable(error.what);
        }
        if (virConnectSetKeepAlive(connection_, keepalive_seconds, keepalive_count) < 0)
            return fail_libvirt("can't watch the connection");
        virConnectRegisterCloseCallback(connection_, on_close, share_events(), free_events);
        lifecycle_ = virConnectDomainEventRegisterAny(connection_, nullptr, VIR_DOMAIN_EVENT_ID_LIFECYCLE,
                                                      VIR_DOMAIN_EVENT_CALLBACK(on_lifecycle), share_events(),
                                                      free_events);
        if (lifecycle_ < 0) return fail_libvirt("can't watch the domains");
        events_->deliver({.kind = DomainEvent::Kind::connected});
        return {};
    }

    Result<DomainPtr> domain(const std::string& uuid) const {
        DomainPtr domain(virDomainLookupByUUIDString(connection_, uuid.c_str()));
        if (!domain) return fail_libvirt("can't find the domain " + uuid);
        return domain;
    }

  private:
    void close() {
        if (connection_ == nullptr) return;
        if (lifecycle_ >= 0) virConnectDomainEventDeregisterAny(connection_, std::exchange(lifecycle_, -1));
        virConnectUnregisterCloseCallback(connection_, on_close);
        virConnectClose(std::exchange(connection_, nullptr));
    }

    // libvirt owns what it is handed until it calls free_events.
    void* share_events() const { return new std::shared_ptr<Events>(events_); }
    static void free_events(void* opaque) { delete static_cast<std::shared_ptr<Events>*>(opaque); }
    static Events& events_in(void* opaque) { return **static_cast<std::shared_ptr<Events>*>(opaque); }

    static void on_close(virConnectPtr, int, void* opaque) {
        events_in(opaque).deliver({.kind = DomainEvent::Kind::disconnected});
    }
    static void on_lifecycle(virConnectPtr, virDomainPtr domain, int event, int detail, void* opaque) {
        // The guest's own shutdown is followed by a stop, which is the one that counts.
        if (event == VIR_DOMAIN_EVENT_SHUTDOWN) return;
        const auto kind = kind_of(event);
        events_in(opaque).deliver(
            {.kind = kind,
             .name = virDomainGetName(domain),
             .uuid = uuid_of(domain),
             .detail = kind == DomainEvent::Kind::stopped ? stop_detail(detail) : std::string()});
    }

    std::string uri_;
    std::shared_ptr<Events> events_;
    virConnectPtr connection_ = nullptr;
    int lifecycle_ = -1;
};

Connection::Connection(std::string uri, OnEvent on_event)
    : uri_(std::move(uri)), events_(std::make_shared<Events>(std::move(on_event))) {
    start_event_thread();
}

Connection::~Connection() {
    events_->close();
    // Closing says goodbye to libvirtd, which may hang.
    if (session_)
        within<bool>(2s, [session = std::move(session_)]() mutable { return session.reset(), true; });
}

template <class T>
Result<T> Connection::call(std::function<Result<T>(Session&)> body) {
    if (events_->hanging_calls >= hanging_calls_limit) return unavailable("libvirtd hangs");
    if (!session_) session_ = std::make_shared<Session>(uri_, events_);
    ++events_->hanging_calls;
    const auto result =
        within<Result<T>>(call_deadline, [session = session_, events = events_, body]() -> Result<T> {
            auto answer = [&]() -> Result<T> {
                BULKHEAD_TRY(session->connect());
                return body(*session);
            }();
            --events->hanging_calls;
            if (!answer && !session->alive() && answer.error().code != Code::refused)
                return unavailable(answer.error().what);
            return answer;
        });
    if (result) return *result;
    session_.reset();
    return fail(Code::timeout, "libvirtd does not answer", "libvirt", "", mend_libvirtd());
}

template <class Body>
Result<> Connection::on_domain(const std::string& uuid, Body body) {
    return call<void>([uuid, body](Session& session) -> Result<> {
        BULKHEAD_TRY_ASSIGN(const auto domain, session.domain(uuid));
        return body(domain.get());
    });
}

Result<HostFacts> Connection::host() {
    return call<HostFacts>([](Session& session) -> Result<HostFacts> {
        virNodeInfo node{};
        unsigned long libvirt = 0;
        unsigned long qemu = 0;
        if (virNodeGetInfo(session.handle(), &node) < 0 ||
            virConnectGetLibVersion(session.handle(), &libvirt) < 0 ||
            virConnectGetVersion(session.handle(), &qemu) < 0)
            return fail_libvirt("can't look at the host");
        return HostFacts{.cpus = node.cpus,
                         .memory = {std::uint64_t{node.memory} * 1024},
                         .versions = "libvirt " + version(libvirt) + ", QEMU " + version(qemu)};
    });
}

Result<std::vector<Domain>> Connection::domains() {
    return call<std::vector<Domain>>([](Session& session) -> Result<std::vector<Domain>> {
        virDomainPtr* list = nullptr;
        const int count = virConnectListAllDomains(session.handle(), &list, 0);
        if (count < 0) return fail_libvirt("can't list the domains");
        std::vector<DomainPtr> handles(list, list + count);
        ::free(static_cast<void*>(list));
        std::vector<Domain> found;
        for (const auto& handle : handles) {
            BULKHEAD_TRY_ASSIGN(auto domain, read_domain(handle.get()));
            if (domain) found.push_back(std::move(*domain));
        }
        return found;
    });
}

Result<std::optional<Domain>> Connection::find(const std::string& name) {
    return call<std::optional<Domain>>([name](Session& session) -> Result<std::optional<Domain>> {
        const DomainPtr domain(virDomainLookupByName(session.handle(), name.c_str()));
        if (domain) return read_domain(domain.get());
        if (last_error_code() == VIR_ERR_NO_DOMAIN) return std::nullopt;
        return fail_libvirt("can't look for " + name);
    });
}

Result<std::string> Connection::live_xml(const std::string& uuid) {
    return call<std::string>([uuid](Session& session) -> Result<std::string> {
        BULKHEAD_TRY_ASSIGN(const auto domain, session.domain(uuid));
        const CText xml(virDomainGetXMLDesc(domain.get(), 0));
        if (!xml) return fail_libvirt("can't read the definition");
        return std::string(xml.get());
    });
}

Result<std::string> Connection::stored_xml(const std::string& uuid) {
    return call<std::string>([uuid](Session& session) -> Result<std::string> {
        BULKHEAD_TRY_ASSIGN(const auto domain, session.domain(uuid));
        const CText xml(virDomainGetXMLDesc(domain.get(), VIR_DOMAIN_XML_INACTIVE));
        if (!xml) return fail_libvirt("can't read the definition");
        return std::string(xml.get());
    });
}

Result<std::string> Connection::emulator_command(const std::string& xml) {
    return call<std::string>([xml](Session& session) -> Result<std::string> {
        const CText command(virConnectDomainXMLToNative(session.handle(), "qemu-argv", xml.c_str(), 0));
        if (!command) return fail_libvirt("can't make QEMU's command line");
        return std::string(command.get());
    });
}

Result<> Connection::start(const std::string& uuid) {
    return on_domain(uuid, [](virDomainPtr domain) -> Result<> {
        if (virDomainCreate(domain) == 0) return {};
        const auto error = fail_libvirt("can't start");  // the next call overwrites libvirt's
        if (virDomainIsActive(domain) != 1) return error;
        return {};
    });
}

Result<> Connection::resume(const std::string& uuid) {
    return on_domain(uuid, [](virDomainPtr domain) -> Result<> {
        if (virDomainResume(domain) < 0) return fail_libvirt("can't resume");
        return {};
    });
}

Result<> Connection::press_power_button(const std::string& uuid) {
    return on_domain(uuid, [](virDomainPtr domain) -> Result<> {
        if (virDomainShutdownFlags(domain, VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN) < 0)
            return fail_libvirt("can't press the power button");
        return {};
    });
}

Result<> Connection::destroy(const std::string& uuid) {
    const auto done = on_domain(uuid, [](virDomainPtr domain) -> Result<> {
        if (virDomainDestroy(domain) == 0) return {};
        const auto error = fail_libvirt("can't stop");
        if (virDomainIsActive(domain) != 0) return error;
        return {};
    });
    if (!done && done.error().code == Code::not_found) return {};
    return done;
}

Result<> Connection::undefine(const std::string& uuid) {
    return on_domain(uuid, [](virDomainPtr domain) -> Result<> {
        constexpr unsigned everything = VIR_DOMAIN_UNDEFINE_MANAGED_SAVE |
                                        VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA |
                                        VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA | VIR_DOMAIN_UNDEFINE_NVRAM;
        if (virDomainUndefineFlags(domain, everything) < 0) return fail_libvirt("can't undefine");
        return {};
    });
}

Result<> Connection::define(const std::string& xml) {
    return call<void>([xml](Session& session) -> Result<> {
        if (!DomainPtr(virDomainDefineXMLFlags(session.handle(), xml.c_str(), VIR_DOMAIN_DEFINE_VALIDATE)))
            return fail_libvirt("can't define");
        return {};
    });
}

Result<bool> Connection::wait_until_off(const std::string& uuid, std::chrono::milliseconds deadline) {
    const auto end = std::chrono::steady_clock::now() + deadline;
    while (true) {
        std::uint64_t seen = 0;
        {
            const std::lock_guard lock(events_->mutex);
            seen = events_->stops;
        }
        auto off = call<bool>([uuid](Session& session) -> Result<bool> {
            BULKHEAD_TRY_ASSIGN(const auto domain, session.domain(uuid));
            const int active = virDomainIsActive(domain.get());
            if (active < 0) return fail_libvirt("can't look at the domain");
            return active == 0;
        });
        if (!off && off.error().code == Code::not_found) return true;
        if (!off || *off) return off;
        const auto now = std::chrono::steady_clock::now();
        if (now >= end) return false;
        // Events may get lost with the connection, so look every second anyway.
        std::unique_lock lock(events_->mutex);
        events_->changed.wait_until(lock, std::min(end, now + 1s), [&] { return events_->stops != seen; });
    }
}

}  // namespace bulkhead::hypervisor
