// The agent of one partition: answers the host, sets the partition up as told, and supervises the
// application.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/loop.hpp"
#include "guest-agent/application.hpp"
#include "guest-agent/channel.hpp"
#include "guest-agent/devices.hpp"
#include "guest-agent/dhcp_client.hpp"
#include "guest-agent/prover.hpp"
#include "policies/profile.hpp"

namespace bulkhead::agent {

struct Options {
    std::filesystem::path port = "/dev/virtio-ports/org.bulkhead.agent.0";
    std::filesystem::path applications = "/opt/bulkhead/apps";
    std::filesystem::path tpm = "/dev/tpmrm0";
    std::filesystem::path secrets = "/run/bulkhead/secrets";
    DhcpPrograms dhcp;
    std::string user = "app";  // empty: the application runs as we do
};

class Agent {
  public:
    // `off` is called when all is stopped and unmounted.
    Agent(Loop& loop, const Clock& clock, Options options, const policies::Profile& profile,
          std::function<void()> off);

    // Stops the application, unmounts volumes, then calls `off`.
    void shut_down(std::chrono::milliseconds grace);

  private:
    void on_message(std::uint32_t session, const v1::FromHost& message);
    void welcome(std::uint32_t session, const v1::Welcome& message);
    void configure(const v1::Configure& wanted);
    void set_up();
    Result<> make_all(const v1::Configure& wanted);
    Result<std::string> set_up_networks(const v1::Configure& wanted);
    Result<> start_application(const v1::Configure& wanted);
    Result<> ask_for_address(const v1::Interface& interface);
    Result<Command> command_for(const v1::Configure& wanted) const;
    void answer(const v1::FromHost& question);
    void put_secrets(const v1::Secrets& secrets);
    Result<Command> image_command(const std::string& path) const;
    Result<Command> bundle_command() const;
    void device_returned(const std::string& name);
    void heartbeat();
    void finish();

    Loop& loop_;
    Options options_;
    std::function<void()> off_;
    Devices devices_;
    Channel channel_;
    Application application_;
    Prover prover_;
    std::map<std::string, DhcpClient> clients_;  // by the interface's MAC address
    std::optional<v1::Configure> wanted_;
    std::optional<User> user_;
    Loop::TimerId heartbeat_ = 0;
    Loop::TimerId set_up_again_ = 0;
    bool going_down_ = false;
};

}  // namespace bulkhead::agent
