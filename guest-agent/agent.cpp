#include "guest-agent/agent.hpp"

#include <unistd.h>

#include <algorithm>
#include <cctype>

#include "base/file.hpp"
#include "base/log.hpp"
#include "base/name.hpp"
#include "base/text.hpp"
#include "guest-agent/network.hpp"
#include "guest-agent/routes.hpp"
#include "guest-agent/secrets.hpp"
#include "guest-agent/vitals.hpp"
#include "guest-agent/volumes.hpp"

namespace bulkhead::agent {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds try_again = 2s;
constexpr std::chrono::milliseconds longest_grace = 60s;
constexpr std::chrono::milliseconds last_words = 200ms;

// period -> BULKHEAD_PERIOD
std::string variable(std::string_view key) {
    std::string name = "BULKHEAD_";
    for (const char c : key) {
        const auto byte = static_cast<unsigned char>(c);
        name += std::isalnum(byte) != 0 ? static_cast<char>(std::toupper(byte)) : '_';
    }
    return name;
}

std::string device_list(const v1::Configure& wanted, const Devices& devices) {
    std::string list;
    for (const auto& device : wanted.devices())
        list += (list.empty() ? "" : ",") + device.name() + "=" + devices.name_of(device);
    return list;
}

}  // namespace

Agent::Agent(Loop& loop, const Clock& clock, Options options, const policies::Profile& profile,
             std::function<void()> off)
    : loop_(loop),
      options_(std::move(options)),
      off_(std::move(off)),
      channel_(loop, options_.port,
               [this](std::uint32_t session, const v1::FromHost& message) { on_message(session, message); }),
      application_(
          loop, clock, profile,
          [this](v1::FromAgent message) {
              if (message.has_output())
                  message.mutable_output()->set_dropped(message.output().dropped() + channel_.take_dropped());
              channel_.send(std::move(message));
          }),
      prover_(options_.tpm) {
}

void Agent::on_message(std::uint32_t session, const v1::FromHost& message) {
    if (message.has_welcome()) return welcome(session, message.welcome());
    // Left over from an earlier session of the host.
    if (session != channel_.session()) return;
    if (message.has_configure()) configure(message.configure());
    if (message.has_device_returned()) device_returned(message.device_returned().name());
    if (message.has_quote_request() || message.has_activate_request()) answer(message);
    if (message.has_secrets()) put_secrets(message.secrets());
    if (message.has_shutdown()) shut_down(std::chrono::milliseconds(message.shutdown().grace_ms()));
}

void Agent::answer(const v1::FromHost& question) {
    v1::FromAgent message;
    if (question.has_quote_request())
        *message.mutable_quote_reply() = prover_.quote(question.quote_request());
    else
        *message.mutable_activate_reply() = prover_.activate(question.activate_request());
    channel_.send(std::move(message));
}

void Agent::put_secrets(const v1::Secrets& secrets) {
    const auto put = [&]() -> Result<> {
        if (!options_.user.empty() && !user_) {
            BULKHEAD_TRY_ASSIGN(user_, find_user(options_.user));
        }
        return agent::put_secrets(options_.secrets, secrets, user_);
    }();
    // Names and reasons only: what a secret says is in no log.
    if (!put) log::warning("the application's secrets are not in place", {{"error", put.error().text()}});
}

void Agent::welcome(std::uint32_t session, const v1::Welcome& message) {
    channel_.set_session(session);
    v1::FromAgent answer;
    *answer.mutable_hello() = hello();
    channel_.send(std::move(answer));
    loop_.cancel(heartbeat_);
    const auto interval = std::clamp(message.heartbeat_interval_ms(), 100U, 60'000U);
    heartbeat_ = loop_.every(std::chrono::milliseconds(interval), [this] { heartbeat(); });
    heartbeat();
}

void Agent::configure(const v1::Configure& wanted) {
    wanted_ = wanted;
    set_up();
}

void Agent::set_up() {
    if (going_down_ || !wanted_) return;
    loop_.cancel(set_up_again_);
    const auto made = make_all(*wanted_);
    v1::FromAgent answer;
    answer.mutable_configure_result()->set_revision(wanted_->revision());
    if (!made) {
        log::warning("the partition is not set up", {{"error", made.error().text()}});
        answer.mutable_configure_result()->set_error(made.error().text());
        set_up_again_ = loop_.after(try_again, [this] { set_up(); });
    }
    channel_.send(std::move(answer));
}

Result<> Agent::ask_for_address(const v1::Interface& interface) {
    BULKHEAD_TRY_ASSIGN(const auto name, find_interface(interface.mac()));
    // With the address, the rest can be set up; without, the next try asks again. What is wanted may be
    // another than when the question was asked.
    const auto ended = [this, mac = interface.mac()] {
        if (!wanted_) return;
        for (const auto& each : wanted_->interfaces())
            if (each.mac() == mac && has_address(each).value_or(false)) return set_up();
    };
    return clients_.try_emplace(interface.mac(), loop_, options_.dhcp, name, ended).first->second.ask();
}

// What is missing still: an address that was asked for comes in its own time, and nothing waits for it.
Result<std::string> Agent::set_up_networks(const v1::Configure& wanted) {
    std::string missing;
    for (const auto& interface : wanted.interfaces()) {
        BULKHEAD_TRY(set_up_interface(interface));
        if (!interface.dhcp()) continue;
        BULKHEAD_TRY_ASSIGN(const bool there, has_address(interface));
        if (there) continue;
        BULKHEAD_TRY(ask_for_address(interface));
        missing = "no router has given it its address " + interface.address() + " yet (DHCP)";
    }
    if (const auto servers = name_servers(wanted); !servers.empty())
        BULKHEAD_TRY(write_file_atomically("/etc/resolv.conf", servers));
    return missing;
}

// In the order in which one needs the other; the application comes last, so that it never runs without its
// volume.
Result<> Agent::make_all(const v1::Configure& wanted) {
    if (!options_.user.empty() && !user_) {
        BULKHEAD_TRY_ASSIGN(user_, find_user(options_.user));
    }
    if (!wanted.partition().empty() && ::geteuid() == 0 && !options_.user.empty())
        std::ignore = ::sethostname(wanted.partition().data(), wanted.partition().size());
    BULKHEAD_TRY_ASSIGN(const auto missing, set_up_networks(wanted));
    for (const auto& volume : wanted.volumes()) BULKHEAD_TRY(mount_volume(volume, user_));
    for (const auto& device : wanted.devices()) BULKHEAD_TRY(devices_.set_up(device));
    if (wanted.has_application()) BULKHEAD_TRY(start_application(wanted));
    if (!missing.empty()) return fail(Code::unavailable, missing);
    return {};
}

Result<> Agent::start_application(const v1::Configure& wanted) {
    if (wanted.application().bundle()) BULKHEAD_TRY(mount_bundle());
    auto command = command_for(wanted);
    if (command)
        application_.start(std::move(*command));
    else  // nothing that a later attempt would mend: the image is what it is
        application_.refuse(command.error().text());
    return {};
}

Result<Command> Agent::image_command(const std::string& path) const {
    if (!is_label(path))
        return fail(Code::refused, "'" + printable(path, 64) + "' is no name of an application");
    Command command{.program = options_.applications / path, .user = user_};
    if (::access(command.program.c_str(), X_OK) != 0)
        return fail(Code::not_found, "this image has no application '" + path + "'");
    return command;
}

// .bulkhead/command: the path in the bundle, then each argument, each ended by a NUL.
Result<Command> Agent::bundle_command() const {
    const std::filesystem::path folder(bundle_folder);
    BULKHEAD_TRY_ASSIGN(const auto text, read_file(folder / ".bulkhead/command", 64 * 1024));
    auto words = split_text(text, '\0');
    if (words.size() < 2 || words.front().empty())
        return fail(Code::corrupt, "the bundle does not say what to start", bundle_folder);
    words.pop_back();  // behind the last NUL
    Command command{.program = folder / words.front(),
                    .arguments = {words.begin() + 1, words.end()},
                    .folder = folder,
                    .user = user_};
    if (::access(command.program.c_str(), X_OK) != 0)
        return fail(Code::not_found, "the bundle has no application '" + printable(words.front(), 200) + "'");
    return command;
}

Result<Command> Agent::command_for(const v1::Configure& wanted) const {
    BULKHEAD_TRY_ASSIGN(Command command, wanted.application().bundle()
                                             ? bundle_command()
                                             : image_command(wanted.application().path()));
    command.environment = {"PATH=/usr/bin:/bin", "LANG=C.UTF-8", "BULKHEAD_PARTITION=" + wanted.partition(),
                           "BULKHEAD_DEVICES=" + device_list(wanted, devices_)};
    for (const auto& [key, value] : wanted.application().config())
        if (value.find('\0') == std::string::npos) command.environment.push_back(variable(key) + "=" + value);
    if (wanted.volumes_size() > 0) command.folder = wanted.volumes(0).mount();
    command.environment.push_back("HOME=" + command.folder.string());
    return command;
}

void Agent::device_returned(const std::string& name) {
    if (!wanted_) return;
    for (const auto& device : wanted_->devices()) {
        if (device.name() != name) continue;
        if (const auto opened = devices_.open_again(device); !opened)
            log::warning("a device could not be opened again", {{"error", opened.error().text()}});
    }
}

void Agent::heartbeat() {
    v1::FromAgent message;
    auto& beat = *message.mutable_heartbeat();
    beat = vitals();
    *beat.mutable_application() = application_.state();
    if (wanted_) {
        for (const auto& volume : wanted_->volumes())
            if (const auto use = use_of(volume)) *beat.add_disks() = *use;
        for (const auto& device : wanted_->devices()) {
            Devices::look_after(device);
            auto& presence = *beat.add_devices();
            presence.set_name(device.name());
            presence.set_present(devices_.present(device));
        }
    }
    channel_.send(std::move(message));
}

void Agent::shut_down(std::chrono::milliseconds grace) {
    if (going_down_) return;
    going_down_ = true;
    loop_.cancel(set_up_again_);
    log::info("shutting down");
    application_.stop(std::clamp(grace, 0ms, longest_grace), [this] { finish(); });
}

void Agent::finish() {
    if (wanted_)
        for (const auto& volume : wanted_->volumes())
            if (const auto unmounted = unmount_volume(volume); !unmounted)
                log::warning("a volume stays mounted", {{"error", unmounted.error().text()}});
    ::sync();
    heartbeat();
    // The last heartbeat says how the application ended; nobody waits for it longer than this.
    loop_.after(last_words, off_);
}

}  // namespace bulkhead::agent
