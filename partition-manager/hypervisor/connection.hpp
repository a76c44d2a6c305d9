// libvirt, as the rest of Bulkhead sees it. No other module includes libvirt's header.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "model/observed.hpp"

namespace bulkhead::hypervisor {

// XML namespace of our element in a domain's metadata.
inline constexpr const char* metadata_uri = "urn:bulkhead:v1";

struct DomainEvent {
    enum class Kind {
        connected,     // to libvirtd, perhaps again: look at everything
        disconnected,  // from libvirtd; partitions run on
        defined,
        undefined,
        started,
        stopped,  // powered off, rebooted, destroyed or crashed
        paused,
        resumed,
    };
    Kind kind = Kind::connected;
    std::string name;  // of the domain; empty for connected and disconnected. It may be somebody else's.
    std::string uuid;
    std::string detail;  // why it stopped: shutdown, destroyed, crashed, failed
};

struct Domain {
    std::string name;
    std::string uuid;
    model::Power power = model::Power::off;
    bool persistent = true;  // it stays defined when it stops
    std::string metadata;    // our element, of the running definition if it runs; empty if it has none
};

struct HostFacts {
    unsigned cpus = 0;
    Bytes memory;
    std::string versions;  // libvirt 9.0.0, QEMU 7.2.22
};

// A connection that mends itself: without libvirtd, or with one that hangs, calls fail with Code::unavailable
// or Code::timeout, each within 45 s, and the next call tries to connect again. Calls come from one thread.
class Connection {
  public:
    using OnEvent = std::function<void(const DomainEvent&)>;

    // Does not connect yet. `on_event` is called on the thread "libvirt-events", never after the destructor,
    // and must neither block nor call the connection.
    explicit Connection(std::string uri, OnEvent on_event = {});
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    Result<HostFacts> host();
    Result<std::vector<Domain>> domains();
    Result<std::optional<Domain>> find(const std::string& name);

    // All these take the domain's UUID.
    Result<std::string> live_xml(const std::string& uuid);
    // As it will be started next.
    Result<std::string> stored_xml(const std::string& uuid);
    Result<> start(const std::string& uuid);
    Result<> resume(const std::string& uuid);
    Result<> press_power_button(const std::string& uuid);
    Result<> destroy(const std::string& uuid);   // one that is off is fine
    Result<> undefine(const std::string& uuid);  // with everything that libvirt keeps about it

    Result<> define(const std::string& xml);
    // QEMU's command line for a definition, as libvirt makes it. Starts nothing.
    Result<std::string> emulator_command(const std::string& xml);

    // True as soon as the domain is off or gone, false at the deadline.
    Result<bool> wait_until_off(const std::string& uuid, std::chrono::milliseconds deadline);

  private:
    class Session;
    template <class T>
    Result<T> call(std::function<Result<T>(Session&)> body);
    template <class Body>
    Result<> on_domain(const std::string& uuid, Body body);

    std::string uri_;
    struct Events;
    // Shared with libvirt's event thread and with calls that hang: both may outlive the connection.
    std::shared_ptr<Events> events_;
    std::shared_ptr<Session> session_;
};

}  // namespace bulkhead::hypervisor
